# Files that change, shrink, grow or disappear between the scan and their turn
# are errors, not what they were; the next run reads them as they are.
many_photos
start_stuck --json photos -w 1
last=photos/smaller
rm "$last/0020.jpg"
truncate -s 100 "$last/0019.jpg"
echo more >>"$last/0018.jpg"
cp --remove-destination "$last/0001.jpg" "$last/0017.jpg"
touch "$last/0016.jpg"
mkdir "$last/folder" && mv "$last/folder" "$last/0015.jpg.new"
rm "$last/0015.jpg" && mv "$last/0015.jpg.new" "$last/0015.jpg"
rm "$last/0014.jpg" && mkfifo "$last/0014.jpg"
rm "$last/0013.jpg" && ln -s 0001.jpg "$last/0013.jpg"
unstick
wait "$stuck"
mv stuck.out report.json
expect '.stats | .files_seen == .files_hashed + .files_failed
  and .files_failed == 8'
jq -r '.errors[] | [(.path | sub(".*/"; "")), .stage, .code] | @tsv' report.json

report photos
expect '[.errors[].code] == ["truncated"]'
expect '.stats.files_hashed > 0 and .stats.files_unchanged > 0'
