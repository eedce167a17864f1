# Whenever SIGKILL comes, in a commit, a migration, a repair or anywhere else,
# the next run goes on there and says what an undisturbed one does. VAM_KILLS and
# VAM_SEED ask for more and for other moments.
kills=${VAM_KILLS:-9}
RANDOM=${VAM_SEED:-1}
preload=$(dirname "$(command -v make_picture)")/kill_at_write.so

arguments=(catalog -s photos --detect-duplicates --json)
run() {
  vam-analyze "${arguments[@]}" "$@" 2>messages
}

# below LIMIT: sets $random to a number from 0 up to it.
below() {
  random=$(((RANDOM << 15 | RANDOM) % $1))
}

# Catalogs to begin with: whole, of the first version, and with rows lost.
mkdir -p photos/copies
make_picture photos --seed 1 --count 600 --size 64x48
cp photos/000*.jpg photos/copies
declare -A options=([new]= [old]= [damaged]=--repair) writes=()
begin() {
  rm -rf catalog
  [ "$1" = new ] || cp -r "$1" catalog
}
begin new
run >undisturbed
result undisturbed >expected
cp -r catalog old
sqlite3 old/catalog.sqlite 'DROP VIEW photo; DROP TABLE different;
  DROP TABLE sketch; DROP TABLE reported_file; DROP TABLE reported_problem; ALTER TABLE file DROP COLUMN held_before;
  PRAGMA user_version = 1' \
  "$(printf 'ALTER TABLE picture DROP COLUMN %s;' camera_make camera_model \
    software latitude longitude rating metadata_version content_left \
    content_top content_right content_bottom dc_step coarser_dc_steps)"
cp -r catalog damaged
database=damaged/catalog.sqlite damage file
for kind in new old damaged; do
  begin "$kind"
  LD_PRELOAD=$preload COUNT_WRITES_IN=$PWD/count run ${options[$kind]} \
    >report.json
  result report.json >answer
  same expected answer
  writes[$kind]=$(cat count)
done
pictures=$(query 'SELECT count(*) FROM picture' catalog/catalog.sqlite)

# learned: how many pictures the next run needs not decode.
learned() {
  query 'SELECT count(*) FROM picture WHERE metadata_version > 0' \
    catalog/catalog.sqlite 2>/dev/null || echo 0
}

# Ends with whether the run was killed. Mostly early, where catalogs are made,
# migrated and repaired.
kill_in_write() {
  local status=0
  below "$2"
  below $((random + 1))
  KILL_AT_WRITE=$((1 + random)) LD_PRELOAD=$preload run ${options[$1]} \
    >/dev/null || status=$?
  [ "$status" -eq 137 ] || [ "$status" -eq 0 ] || fail "$(cat messages)"
  [ "$status" -eq 137 ]
}

kill_in_time() {
  local status=0 victim
  below "$2"
  vam-analyze "${arguments[@]}" ${options[$1]} >/dev/null 2>messages &
  victim=$!
  sleep "$(printf '0.%03d' "$random")"
  kill -KILL "$victim" 2>/dev/null || true
  wait "$victim" || status=$?
  [ "$status" -eq 137 ]
}

for ((n = 0; n < kills; ++n)); do
  kinds=(new old damaged)
  kind=${kinds[n % 3]}
  # One that came too late was none.
  if ((n / 3 % 3 < 2)); then
    limit=${writes[$kind]}
    begin "$kind"
    until kill_in_write "$kind" "$limit"; do
      limit=$((limit / 2))
      begin "$kind"
    done
    below 2
    [ "$random" -eq 0 ] || kill_in_write "$kind" "$limit" || true
  else
    limit=1000
    begin "$kind"
    until kill_in_time "$kind" "$limit"; do
      limit=$((1 + limit / 2))
      begin "$kind"
    done
  fi

  before=$(learned)
  run ${options[$kind]} >report.json || fail "kill $n: $(cat messages)"
  result report.json >answer
  same expected answer
  [ "$(query 'PRAGMA integrity_check' catalog/catalog.sqlite)" = ok ] ||
    fail "kill $n: not ok"
  if [ "$kind" = damaged ]; then
    cmp damaged/catalog.sqlite catalog/catalog.sqlite.damaged-1
    before=$pictures
  fi
  expect ".stats.pictures_decoded == $pictures - $before"
done
