# Frames of a burst are a set and no duplicates; their copies are.
frame() {
  photo "photos/$1.jpg" 1 --size 320x240 --make Make \
    --taken-at '2024:07:14 10:11:12' "${@:2}"
}
frame first --ball 20 --fraction 10
frame second --ball 50 --fraction 40
frame third --ball 80 --fraction 75
photo photos/chat/second.jpg 1 --ball 50
frame first-edited --ball 20 --fraction 10 --brighten 20
photo photos/other.jpg 2

# sets
sets() {
  jq -c --arg root "$PWD/photos/" \
    '.sets[] | [.kind] + [.files[].path | ltrimstr($root)]' report.json
}

report photos
expect_groups 'chat/second.jpg second.jpg' 'first-edited.jpg first.jpg'
expect '.settings.bursts == "report" and .stats.set_count == 1'
sets
vam-analyze photos | grep -A 1 '^Burst'

report photos --bursts ignore
expect_groups 'chat/second.jpg second.jpg' 'first-edited.jpg first.jpg'
sets

report photos --bursts as-similar
expect_groups \
  'chat/second.jpg first-edited.jpg first.jpg second.jpg third.jpg'
sets
exits 2 vam-analyze photos --bursts

# A frame that is gone belongs to no set.
rm photos/third.jpg
vam-analyze --json --explain photos/first.jpg photos/chat/second.jpg >report.json
expect '.in_one_group == false and .first.in_catalog and .second.in_catalog'
vam-analyze --json --explain photos/second.jpg photos/chat/second.jpg >report.json
expect '.reason == "match"'
