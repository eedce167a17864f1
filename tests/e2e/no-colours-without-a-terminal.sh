# Colours are for terminals, and NO_COLOR turns them off there.
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
vam-analyze photos >plain
! grep -q $'\e' plain || fail 'colours in a file'
command -v script >/dev/null || skip 'no script(1)'
script -qec 'vam-analyze photos' /dev/null >coloured
grep -q $'\e\[1m' coloured || fail 'no colours on a terminal'
NO_COLOR=1 script -qec 'vam-analyze --progress never photos' /dev/null >plain
! grep -q $'\e' plain || fail 'colours in spite of NO_COLOR'
