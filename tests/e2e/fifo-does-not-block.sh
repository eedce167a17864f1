# FIFOs and sockets in a tree are not opened, whatever their name.
photo photos/a.jpg 1
mkfifo photos/fifo.jpg photos/fifo
timeout 60 vam-analyze --json photos >report.json
expect '.stats.files_seen == 1 and .errors == []'
