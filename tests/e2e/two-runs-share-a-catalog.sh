# A second run on one catalog says that it waits, and then sees the same.
many_photos
start_stuck --json photos
vam-analyze --json photos >second.json 2>second.log &
second=$!
wait_until grep waiting second.log
unstick
wait "$stuck"
wait "$second"
cat second.log
result stuck.out >first
result second.json >second
same first second
jq .stats.files_hashed second.json
