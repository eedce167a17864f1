# Progress is not drawn where no terminal is, or one that cannot erase, unless
# it is asked for.
photo photos/a.jpg 1
vam-analyze photos 2>err >/dev/null
[ ! -s err ] || fail "$(cat err)"
vam-analyze --progress always --recompute-hashes photos 2>err >/dev/null
grep -q 'scanning: 1 files' err
grep -qE 'hashing: \[#+\]  1 of 1 files' err

command -v script >/dev/null || skip 'no script(1)'
drawn() {
  TERM=$1 script -qefc "vam-analyze ${*:2} --recompute-hashes photos >out" \
    typescript </dev/null >/dev/null
  grep -q 'hashing: ' typescript
}
drawn xterm
exits 1 drawn dumb
exits 1 drawn xterm -q
exits 1 drawn xterm --progress never
