# SIGINT and SIGTERM end with 130; what was finished is not done again.
many_photos
for signal in INT TERM; do
  rm -rf data stuck.*
  start_stuck photos
  kill -"$signal" "$stuck"
  unstick
  exits 130 wait "$stuck"
  [ ! -s stuck.out ] || fail 'a report of half a run'
  wait_until grep interrupted stuck.log
  grep interrupted stuck.log
  report photos
  expect '.stats.files_unchanged > 0 and .stats.files_hashed > 0'
  expect '.stats.group_count == 20'
done
