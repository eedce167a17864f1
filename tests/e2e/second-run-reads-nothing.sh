# A second run reads no file and reports the same groups.
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
photo photos/c.jpg 1 --size 80x60
head -c 2000 photos/a.jpg >photos/truncated.jpg
report photos
result report.json >first
report photos
result report.json >second
same first second
expect '.stats.files_hashed == 0 and .stats.files_unchanged == 3'
expect '.stats.bytes_read == 0 and .stats.pictures_decoded == 0'
