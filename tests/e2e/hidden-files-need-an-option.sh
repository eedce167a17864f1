# Hidden names and thumbnails of a NAS are left out, unless --hidden is given.
photo photos/a.jpg 1
mkdir photos/.trash photos/@eaDir
for copy in .hidden.jpg .trash/b.jpg @eaDir/c.jpg; do
  cp photos/a.jpg "photos/$copy"
done
report photos
expect '.stats.files_seen == 1'
report --hidden photos
expect_groups '.hidden.jpg .trash/b.jpg @eaDir/c.jpg a.jpg'
