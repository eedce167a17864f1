# Names of any bytes are found, grouped, and told exactly.
mkdir photos
cd photos
make_picture -a.jpg --seed 1
for name in $'new\nline.jpg' $'not-utf-8-\xff\xfe.jpg' '"quote'\''.jpg' \
  ' blank .jpg' '*?[a].jpg' 'back\slash.jpg' 'ünï.jpg'; do
  cp -p -- -a.jpg "$name"
done
cd ..
mv -- photos -photos
report -- -photos
expect '.groups | length == 1'
expect '.groups[0].files | length == 8'
jq -r '.groups[0].files[].path' report.json
jq -r '.groups[0].files[].path_bytes // empty' report.json | base64 -d >name
[ -f "$(cat name)" ] || fail 'path_bytes is not the name'
