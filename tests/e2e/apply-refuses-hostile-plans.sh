# Whatever is wrong with a plan is one line, and nothing is done.
photo photos/keep.jpg 1
cp -p photos/keep.jpg photos/copy.jpg
echo secret >outside.txt
report photos
# told FILE: the line.
told() {
  exits 1 vam-apply "$1" --move-to aside --yes --journal journal 2>&1
  [ ! -e aside ] && [ ! -e journal ] || fail 'something was made'
}
# forged JQ: of the report.
forged() {
  jq "$1" report.json >forged.json
  told forged.json
}
told missing.json
told .
told photos/keep.jpg
echo '{"schema": "vam-analyze/1"' >cut.json && told cut.json
{ yes '[' || true; } | head -n 100000 | tr -d '\n' >deep.json && told deep.json
echo '[]' >list.json && told list.json
forged '.schema = "vam-analyze/2"'
forged 'del(.groups)'
forged 'del(.settings)'
forged 'del(.settings.sources)'
forged '.settings.sources = ["photos"]'
forged '.settings.sources_bytes = []'
forged '.groups = 1'
forged '.groups = {}'
forged '.groups = [1]'
forged '.groups[0].files = []'
forged '.groups[0].files[0].is_keeper = false'
forged '.groups[0].files[1].is_keeper = true'
file='.groups[0].files[1]'
forged "del($file.path)"
forged "$file.path = 7"
forged "$file.path = \"copy.jpg\""
forged "$file.path += \"/../../outside.txt\""
forged "$file.path = \"$PWD/outside.txt\""
forged "$file.path = .groups[0].files[0].path"
forged "$file.path_bytes = \"!\""
forged "$file.path_bytes = \"L2EAYg==\""
forged "$file.size = -1"
forged "$file.size = 1.5"
forged "$file.size = \"1\""
forged "$file.mtime = \"yesterday\""
forged "$file.mtime = \"2024-13-01T00:00:00.000000000Z\""
forged "$file.checksum = \"0\""
forged "$file.match = \"same\""
forged "$file.is_reference = 1"
forged "$file.hard_links = [1]"
forged '.sets = [{kind: 1, files: []}]'
sed '0,/"groups"/s//"groups": [], "groups"/' report.json >twice.json
told twice.json
exits 1 vam-apply report.json --move-to photos/aside 2>&1
exits 1 vam-apply report.json --move-to no/such/folder 2>&1
exits 1 vam-apply report.json --move-to report.json 2>&1
touch journal
exits 1 vam-apply report.json --move-to aside --yes --journal journal 2>&1
