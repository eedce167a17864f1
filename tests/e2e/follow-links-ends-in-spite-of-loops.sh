# -L follows links, survives loops, and lists every file once.
photo photos/a.jpg 1
photo elsewhere/b.jpg 1
ln -s a.jpg photos/link.jpg
ln -s ../elsewhere photos/folder
ln -s . photos/loop
ln -s ../photos elsewhere/back
ln -s itself.jpg photos/itself.jpg
ln -s nowhere photos/dangling.jpg
report -L photos
expect_groups 'a.jpg folder/b.jpg'
expect '.stats.files_seen == 2 and .errors == []'
