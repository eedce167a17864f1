# --like finds what in the catalog is the same picture as a file, best first.
photo photos/large.jpg 1 --size 640x480
photo photos/edited.jpg 1 --brighten 20
photo photos/stranger.jpg 2
photo elsewhere/query.jpg 1 --size 320x240
photo elsewhere/unknown.jpg 3
vam-analyze -q photos >/dev/null

vam-analyze --json --like elsewhere/query.jpg elsewhere/unknown.jpg >report.json
expect '.schema == "vam-analyze-like/1"'
jq -r --arg root "$PWD/" '.queries[] | (.path | ltrimstr($root)),
  (.matches[] | "  \(.match) \(.path | ltrimstr($root))")' report.json
expect '.queries[0].matches | map(.similarity) | . == (sort | reverse)'
jq -c '.queries[0].matches[0] | keys' report.json

# Of a file in the catalog, all others; copies are exact.
cp photos/large.jpg photos/copy.jpg
vam-analyze -q photos >/dev/null
vam-analyze --json --like photos/large.jpg >report.json
expect '.queries[0].matches[0] | .match == "exact" and (.path |
  endswith("/copy.jpg"))'
expect '.queries[0].matches | map(.path) | any(endswith("/large.jpg")) | not'

exits 11 vam-analyze --exit-code --like elsewhere/query.jpg >/dev/null
exits 0 vam-analyze --exit-code --like elsewhere/unknown.jpg
exits 3 vam-analyze -q --strict --like elsewhere/gone.jpg

# A catalog knows more than is there.
rm photos/edited.jpg
vam-analyze --like elsewhere/query.jpg | grep edited.jpg
exits 1 vam-analyze no-catalog --like elsewhere/query.jpg 2>&1
[ ! -e no-catalog ] || fail 'a catalog was made'
query 'SELECT count(*) FROM photo'
