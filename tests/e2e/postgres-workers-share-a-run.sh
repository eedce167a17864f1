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
sql() {
  "$postgres_bin/psql" -qAt "$server" -c "$1"
}
chunks_done() {
  [ "$(sql 'SELECT count(*) FROM vam.chunk WHERE state = 2')" -ge "$1" ]
}
# at CHUNKS: waits until so many are done, and for up to a fifth of a second.
at() {
  wait_until chunks_done "$1"
  sleep "0.$(printf '%03d' $((RANDOM % 200)))"
}
# below LIMIT: sets $random to a number from 0 up to it.
below() {
  random=$((RANDOM % $1))
}
# ended PROCESS NAME: with status 0.
ended() {
  wait "$1" || fail "$2: $(cat "$2.log")"
}
# same_as_alone NAME: what it reports, and what that took.
same_as_alone() {
  result "$1.json" | same - expected
  jq -r '.stats | [.files_hashed, .pictures_decoded, .bytes_read]' "$1.json" |
    same - work
}

orders=('kill stop crash' 'kill crash stop' 'stop kill crash'
  'stop crash kill' 'crash kill stop' 'crash stop kill')

# A round has 17 chunks. On a busy machine all may be over when trouble comes.
for ((round = 0; round < rounds; ++round)); do
  sql 'DROP SCHEMA IF EXISTS vam CASCADE' 2>/dev/null
  worker killed
  killed=$!
  worker stopped
  stopped=$!
  worker first
  first=$!
  worker second
  second=$!
  wait_until chunks_done 0
  below 8
  moment=$random
  for trouble in ${orders[RANDOM % ${#orders[@]}]}; do
    at "$moment"
    case $trouble in
      kill) kill -KILL $killed 2>/dev/null || true ;;
      stop) kill -STOP $stopped 2>/dev/null || true ;;
      crash)
        end_postgres QUIT
        start_postgres
        ;;
    esac
    below 3
    moment=$((moment + random))
  done
  status=0
  { wait $killed; } 2>/dev/null || status=$?
  ended $first first
  ended $second second
  kill -CONT $stopped 2>/dev/null || true
  ended $stopped stopped
  for name in first second stopped; do same_as_alone $name; done
  case $status in
    0) same_as_alone killed ;;
    137) ;;
    *) fail "killed: $(cat killed.log)" ;;
  esac
done

# Who comes later finds nothing to do, but to look whether it can read more.
worker late
wait $!
result late.json | same - expected
jq -e '.stats | .files_hashed == 0 and .pictures_decoded == 1' late.json >/dev/null ||
  fail 'it was done again'
