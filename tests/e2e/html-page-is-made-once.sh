# --html makes a page beside the report; what is there already is not made
# again, and nothing but the time depends on when and how it was made.
photo photos/a.jpg 1 --size 640x480
cp photos/a.jpg photos/copy.jpg
photo photos/b.jpg 1 --size 320x240 --make Kamera
photo photos/alone.jpg 2
report photos
cp report.json before.json
report photos --html pages/new/ 2>messages
result before.json >expected
result report.json >got
same expected got
sed 's/ is .*index/ is index/' messages
(cd pages/new && find . -type f | sed -E 's/[0-9a-f]{32}/DIGEST/' | sort)
jq -r '.groups[].files[].checksum' report.json | sort -u >pictures
[ "$(wc -l <pictures)" -eq 2 ] || fail 'two pictures expected'
while read -r picture; do
  [ "$(head -c 3 pages/new/.thumbs/"$picture"-1.jpg | od -An -tx1 | tr -d ' ')" = ffd8ff ] ||
    fail 'no JPEG'
done <pictures
grep -q Kamera photos/b.jpg
! grep -rq Kamera pages/new/.thumbs || fail 'metadata in a thumbnail'

state() {
  find "$1" -type f ! -name data.js -printf '%p %i %T@ %s\n' | sort
}
state pages/new >first
vam-analyze -v photos --html pages/new 2>messages >/dev/null
state pages/new >second
same first second
grep -o 'made 0 of 0 missing' messages

# The same bytes from another folder, with other workers.
vam-analyze -q photos --html other -w 7 >/dev/null
sed -i -E 's/"timestamp":"[^"]*"//' pages/new/data.js other/data.js
diff -r pages/new other || fail 'pages differ'

# The page of another program version, or a damaged thumbnail, is renewed.
echo '/* vam-analyze page: older */' >other/page.css
: >"other/.thumbs/$(head -n 1 pictures)-1.jpg"
vam-analyze -q photos --html other >/dev/null
sed -i -E 's/"timestamp":"[^"]*"//' other/data.js
diff -r pages/new other || fail 'the page was not renewed'

# A later scan does not take thumbnails for photos.
report .
expect '[.groups[].files[].path | select(contains("thumbs"))] == []'
