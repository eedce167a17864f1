# --new-only: what was told is not told again, and what is new is.
news() {
  local status=0
  vam-analyze catalog -s photos --detect-duplicates --new-only "$@" >out 2>&1 ||
    status=$?
  printf '%s: exit %s\n' "$what" "$status"
  grep -E '^(  (keep|exact|same-image|similar) |[A-Z]|  /|vam)' out || true
}
what='two groups and a broken picture'
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
photo photos/c.jpg 2
photo photos/d.jpg 2 --size 80x60
photo photos/cut.jpg 3
truncate -s 1000 photos/cut.jpg
news --exit-code
what='the same again'
news --exit-code --strict
[ ! -s out ] || fail "$(cat out)"

what='one more copy'
cp photos/a.jpg photos/e.jpg
news --exit-code

what='a file moved, a keeper gone'
mkdir photos/moved
mv photos/b.jpg photos/moved
rm photos/c.jpg
cp photos/a.jpg photos/single.tmp # no picture by its name
news --exit-code
[ ! -s out ] || fail "$(cat out)"

what='a copy that comes back'
photo photos/c.jpg 2
news --exit-code

what='another broken picture'
photo photos/cut2.jpg 4
truncate -s 1000 photos/cut2.jpg
news --strict
what='not again'
news --strict
[ ! -s out ] || fail "$(cat out)"

what='without the drive'
mv photos drive
mkdir photos
news --exit-code
what='with it'
rmdir photos
mv drive photos
news --exit-code

# Other formats are whole; other runs tell all, and do not count.
vam-analyze catalog --detect-duplicates --new-only --json >report.json
expect '.groups == [] and .errors == [] and .settings.new_only'
report catalog --detect-duplicates 2>/dev/null
expect '(.groups | length) == 2 and (.settings.new_only | not)'
cp photos/a.jpg photos/f.jpg
report catalog --detect-duplicates 2>/dev/null
report catalog --detect-duplicates --new-only
expect '(.groups | length) == 1'
