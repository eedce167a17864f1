# Without an unplugged drive, the others are reported; its entries stay.
photo photos/a.jpg 1
photo drive/b.jpg 1
report photos drive
mv drive unplugged
report photos drive
expect "[.errors[] | .path, .stage, .code] ==
  [\"$PWD/drive\", \"scan\", \"missing\"]"
expect '.groups == [] and .stats.files_unchanged == 1'
query 'SELECT path FROM photo ORDER BY path'
mv unplugged drive
report photos drive
expect '.stats.files_unchanged == 2 and (.groups | length) == 1'
