# --help and --version print to standard output, whatever else is there.
vam-analyze --help | head -n 1
vam-analyze -h --no-such-option | head -n 1
vam-analyze --version | grep -cE '^vam-analyze [0-9]+\.[0-9]+\.[0-9]+$'
