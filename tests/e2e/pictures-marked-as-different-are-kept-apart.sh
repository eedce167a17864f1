# --mark-different and --ignore-pairs keep pictures apart, wherever they move,
# until --unmark-different.
photo photos/a.jpg 1 --size 320x240
photo photos/b.jpg 1 --quality 60
photo photos/c.jpg 2 --size 320x240
photo photos/d.jpg 2 --quality 60
report photos
expect_groups 'a.jpg b.jpg' 'c.jpg d.jpg'
vam-analyze --json photos --mark-different photos/a.jpg photos/b.jpg \
  >report.json 2>messages
cat messages
expect_groups 'c.jpg d.jpg'

mkdir photos/moved
mv photos/a.jpg photos/moved/e.jpg
report photos
expect_groups 'c.jpg d.jpg'

printf 'photos/c.jpg\t%s\nphotos/gone.jpg\tphotos/c.jpg\n' \
  "$PWD/photos/d.jpg" >pairs
report photos --ignore-pairs pairs 2>messages
cat messages
expect_groups
report photos --clear 2>messages
expect_groups
query 'SELECT count(*) FROM different'

vam-analyze --json photos --unmark-different photos/d.jpg photos/c.jpg \
  >report.json 2>messages
cat messages
expect_groups 'c.jpg d.jpg'
report photos --unmark-different photos/d.jpg photos/c.jpg 2>messages
cat messages
query 'SELECT count(*) FROM different'
exits 1 vam-analyze photos --unmark-different photos/c.jpg photos/gone.jpg 2>&1

cp photos/c.jpg photos/copy.jpg
exits 1 vam-analyze photos --mark-different photos/c.jpg photos/copy.jpg 2>&1
exits 1 vam-analyze photos --mark-different photos/c.jpg photos/gone.jpg 2>&1
echo 'photos/c.jpg' >pairs
exits 1 vam-analyze photos --ignore-pairs pairs 2>&1
exits 1 vam-analyze photos --ignore-pairs no-such-list 2>&1

# Nothing is forgotten before all is known to be well.
vam-analyze -q photos --mark-different photos/c.jpg photos/d.jpg >/dev/null
exits 1 vam-analyze photos --unmark-different photos/c.jpg photos/d.jpg \
  --mark-different photos/c.jpg photos/gone.jpg 2>&1
query 'SELECT count(*) FROM different'
