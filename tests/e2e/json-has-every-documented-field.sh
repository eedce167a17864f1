# The JSON has the fields of the schema vam-analyze/1, in all its objects.
photo photos/a.jpg 1 --taken-at '2024:07:14 10:11:12' --make 'Make & Co.'
photo photos/b.jpg 1 --size 80x60
ln photos/a.jpg photos/hard-link.jpg
echo 'no picture' >photos/broken.jpg
report photos
jq -c '
  keys, (.settings | keys), (.stats | keys), (.stats.timings | keys),
  (.groups[0] | keys), (.groups[0].files[0] | keys),
  (.groups[0].files[0] | .hashes, .distance, .hard_links[0] | keys),
  (.errors[0] | keys)' report.json
expect '.schema == "vam-analyze/1" and .groups[0].kind == "same-image"'
expect '.groups[0].files[0].taken_at == "2024-07-14T10:11:12"'
expect '.groups[0].files[1].taken_at == null'
expect '.groups[0].files[0].camera_make == "Make & Co."'
expect '.groups[0].keep == .groups[0].files[0].path'
expect '[.groups[].files[].hashes[] | test("^[0-9a-f]{16}$")] | all'
expect '.stats | .files_seen ==
  .files_hashed + .files_unchanged + .files_failed + .files_skipped'
