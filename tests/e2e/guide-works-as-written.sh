# The commands of docs/guide.md, one after the other, in one home.
photo home/Pictures/lake.jpg 1 --size 640x480
photo home/Pictures/similar.jpg 1 --size 640x480 --brighten 30
mkdir -p home/Pictures/originals home/phone home/card home/aside
cp home/Pictures/lake.jpg home/Pictures/originals
cp home/Pictures/lake.jpg home/phone/lake.jpg
cp home/Pictures/lake.jpg home/card/1.jpg
photo home/card/2.jpg 2 --size 640x480
awk '/^    / { print "echo; echo \"\\$" substr($0, 4) "\""; print substr($0, 5) }' \
  "$(dirname -- "$2")/../../docs/guide.md" >commands
[ "$(grep -c '^vam-analyze' commands)" -ge 9 ] || fail 'these are few'
# Figures are the business of other tests.
bash -euo pipefail commands 2>&1 |
  grep -E '^\$|^  (keep|exact|same-image|similar) |^[A-Z][a-z].*:|different|^(would move|moved|put back)  ' |
  sed -E 's/[0-9.]+ [KM]iB/N/'
find home/aside home/Pictures -type f | sort
