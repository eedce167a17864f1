# --explain tells why two files are in one group or not, as text and JSON.
photo photos/a.jpg 1 --size 640x480
photo photos/b.jpg 1 --quality 60
photo photos/stranger.jpg 2
photo photos/flat.png 3 --flat
cp photos/a.jpg photos/copy.jpg
head -c 3000 photos/a.jpg >photos/cut.jpg
photo elsewhere/d.jpg 1 --size 200x150 --brighten 15
exits 1 vam-analyze --explain photos/a.jpg photos/b.jpg 2>&1
vam-analyze -q photos >/dev/null

# explains FILE FILE REASON: and that this is so from both sides.
explains() {
  vam-analyze --json --explain "$1" "$2" >report.json
  expect ".schema == \"vam-analyze-explain/1\" and .reason == \"$3\""
  jq -c '[.reason, .in_one_group, .evidence.match]' report.json
  vam-analyze --json --explain "$2" "$1" >report.json
  expect ".reason == \"$3\""
}
explains photos/a.jpg photos/copy.jpg same-bytes
explains photos/a.jpg photos/b.jpg match
vam-analyze --explain photos/a.jpg photos/b.jpg | grep -E '^ +(alignment +)?B '
expect '.alignment.confidence >= .alignment.confidence_needed and
  (.candidates | length) > 0 and .first.keeper == .second.keeper'
explains elsewhere/d.jpg photos/b.jpg through-keeper
expect '[.first.in_catalog, .second.in_catalog] == [true, false]'
explains photos/a.jpg photos/cut.jpg unreadable
explains photos/a.jpg photos/flat.png no-structure
explains photos/a.jpg photos/stranger.jpg not-a-candidate
expect '.candidates == [] and .nearest.distance.dhash > 12'
vam-analyze -q photos --mark-different photos/a.jpg photos/b.jpg >/dev/null
explains photos/a.jpg photos/b.jpg marked-different

vam-analyze --explain photos/a.jpg photos/stranger.jpg | tail -n 1
vam-analyze --explain elsewhere/d.jpg photos/a.jpg | grep -c 'not in the catalog'
exits 1 vam-analyze --explain photos/a.jpg photos/gone.jpg 2>&1
query 'SELECT count(*) FROM photo'
