# Progress is not drawn where no terminal is, unless it is asked for.
photo photos/a.jpg 1
vam-analyze photos 2>err >/dev/null
[ ! -s err ] || fail "$(cat err)"
vam-analyze --progress always --recompute-hashes photos 2>err >/dev/null
grep -q 'scanning: 1 files' err
grep -q 'hashing: 1 of 1 files' err
