# Four runs on one catalog, one killed, one stopped past its lease, the server
# crashed in the middle: all that is left report what one alone reports.
# VAM_ROUNDS and VAM_SEED ask for more of it and for other moments.
rounds=${VAM_ROUNDS:-1}
RANDOM=${VAM_SEED:-1}
start_postgres
mkdir -p photos/smaller photos/bad
make_picture photos --seed 1 --count 2000 --size 160x120
make_picture photos/smaller --seed 1 --count 100 --size 120x90
for n in 1 2 3; do head -c 3000 photos/000$n.jpg >photos/bad/$n.jpg; done
cp photos/0005.jpg photos/bad/copy.jpg
# Of a kind that no decoder reads: lossless.
LC_ALL=C sed 's/\xff\xc0\x00\x11/\xff\xc3\x00\x11/' photos/0006.jpg \
  >photos/bad/lossless.jpg
report ./alone -s photos --detect-duplicates 2>/dev/null
expect '[.errors[].code] | sort ==
  ["truncated", "truncated", "truncated", "unsupported"]'
result report.json >expected
jq -r '.stats | [.files_hashed, .pictures_decoded, .bytes_read]' report.json >work

worker() {
  vam-analyze "$server" -s album="$PWD/photos" --detect-duplicates --json -w 1 \
    --lease 2 >"$1.json" 2>"$1.log" &
}
is_done() {
  [ "$(sql 'SELECT count(*) FROM vam.chunk WHERE state = 2')" -ge "$1" ]
}
# same_as_alone NAME: what it reports, and what that took.
same_as_alone() {
  result "$1.json" | same - expected
  jq -r '.stats | [.files_hashed, .pictures_decoded, .bytes_read]' "$1.json" |
    same - work
}

# A round has 17 chunks. On a busy machine all may be over when trouble comes.
for ((round = 0; round < rounds; ++round)); do
  sql 'DROP SCHEMA IF EXISTS vam CASCADE' 2>/dev/null
  share_in_trouble 0 8 3
done

# Who comes later finds nothing to do, but to look whether it can read more.
worker late
wait $!
result late.json | same - expected
jq -e '.stats | .files_hashed == 0 and .pictures_decoded == 1' late.json >/dev/null ||
  fail 'it was done again'
