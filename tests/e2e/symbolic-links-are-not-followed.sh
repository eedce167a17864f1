# Symbolic links are left alone, to files and to folders.
photo photos/a.jpg 1
photo elsewhere/b.jpg 1
ln -s a.jpg photos/link.jpg
ln -s ../elsewhere photos/folder
ln -s nowhere photos/dangling.jpg
report photos
expect '.stats.files_seen == 1 and .errors == []'
