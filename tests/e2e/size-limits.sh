# --min-size and --max-size leave out files by their size, limits included.
photo photos/small.jpg 1 --size 80x60
photo photos/large.jpg 2 --size 320x240
small=$(stat -c %s photos/small.jpg)
report --min-size $((small + 1)) photos
expect '.stats.files_seen == 1'
report --max-size "$small" photos
expect '.stats.files_seen == 1'
report --min-size "$small" --max-size 1M photos
expect '.stats.files_seen == 2'
