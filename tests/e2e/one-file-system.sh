# -x leaves out what lies on other file systems.
other=$(mktemp -d -p /dev/shm 2>/dev/null) || skip 'no second file system'
trap 'rm -r "$other"' EXIT
[ "$(stat -c %d .)" != "$(stat -c %d "$other")" ] || skip 'the same file system'
photo photos/a.jpg 1
cp photos/a.jpg "$other"
ln -s "$other" photos/folder
ln -s "$other/a.jpg" photos/b.jpg
report -L photos
expect '.stats.files_seen == 2'
report -L -x photos
expect '.stats.files_seen == 1'
