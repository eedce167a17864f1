# --html writes into a new or empty folder, or into a page, and nothing else;
# links in it lead nowhere.
photo photos/a.jpg 1
cp photos/a.jpg photos/copy.jpg
page() {
  exits 1 vam-analyze photos --html "$1" 2>&1 >report
  [ ! -s report ] || fail 'there is a report'
}
snapshot() {
  find photos mine -type f -exec sha256sum {} + | sort
}
mkdir mine
echo mine >mine/notes.txt
photo mine/holiday.jpg 3
snapshot >before

page mine
page mine/notes.txt
page photos
page photos/new/page
page ./photos/../photos
ln -s photos link
page link/page
[ ! -e photos/new ] || fail 'a folder was made in a source'
vam-analyze -q cat -s photos >/dev/null
exits 1 vam-analyze cat --detect-duplicates --html photos/page 2>&1

# Of a page, whose files were exchanged for others.
make() { rm -rf page; vam-analyze -q photos --html page >/dev/null; }
make
rm page/data.js
ln -s ../mine/notes.txt page/data.js
page page
make
rm -r page/.thumbs
ln -s ../mine page/.thumbs
page page
make
cp mine/holiday.jpg page/page.css
page page
cmp mine/holiday.jpg page/page.css
make
rm page/index.html
cp mine/holiday.jpg page/index.html
page page
make
digest=$(ls page/.thumbs)
ln -sf ../../mine/holiday.jpg "page/.thumbs/$digest"
ln -s ../mine/notes.txt page/.vam-page-data.js
vam-analyze -q photos --html page >/dev/null

# A thumbnail that cannot be written is the end, not a page without it.
make
rm "page/.thumbs/$digest"
need_user
chmod a-w page/.thumbs
status=0
as_user vam-analyze -q "$PWD/photos" --html page >report 2>messages || status=$?
[ "$status" -eq 1 ] || fail "exit status $status"
sed 's/[0-9a-f]\{32\}/DIGEST/' messages

snapshot >after
same before after

# Wrong usage.
exits 2 vam-analyze cat -s photos --html page 2>&1
exits 2 vam-analyze cat --like photos/a.jpg --html page 2>&1
exits 2 vam-analyze photos --html '' 2>&1
