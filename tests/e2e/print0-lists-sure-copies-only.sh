# -0 lists the copies that may go, each path ended by NUL, and no similar ones.
photo photos/a.jpg 1
cp photos/a.jpg photos/a-copy.jpg
cp photos/a.jpg $'photos/a\ncopy.jpg'
photo photos/similar.jpg 1 --size 60x45 --quality 5
vam-analyze -0 photos >paths
[ "$(tr -dc '\0' <paths | wc -c)" -eq 2 ] || fail 'two paths expected'
xargs -0 rm -- <paths
ls photos
