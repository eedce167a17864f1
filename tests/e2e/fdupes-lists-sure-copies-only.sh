# -f fdupes: what stays, its sure copies below it, an empty line.
photo photos/a.jpg 1
cp photos/a.jpg photos/a-copy.jpg
cp photos/a.jpg $'photos/a\nlost.jpg'
cp photos/a.jpg $'photos/not-utf-8-\xff.jpg'
photo photos/larger.jpg 2 --size 320x240
photo photos/smaller.jpg 2 --size 160x120
photo photos/similar.jpg 3
photo photos/similar-to-it.jpg 3 --size 60x45 --quality 5
photo photos/single.jpg 4
vam-analyze -f fdupes photos | sed 's/\xff/<ff>/'

# As scripts read it that delete all but the first.
vam-analyze -f fdupes photos >groups
awk '/^$/ { first = 0; next } first++ { printf "%s%c", $0, 0 }' groups |
  LC_ALL=C xargs -0 -r rm --
ls photos
[ -z "$(vam-analyze -f fdupes photos)" ]
