# A drive that is unplugged in the middle of a run: its files are errors, and
# what was learned of them stays.
many_photos
start_stuck --json photos
mv photos unplugged
unstick
wait "$stuck"
mv stuck.out report.json
expect '.stats | .files_failed > 0 and .files_hashed > 0
  and .files_seen == .files_hashed + .files_failed'
expect '[.errors[].code] | unique == ["missing"]'
exits 1 vam-analyze photos 2>/dev/null

mv unplugged photos
report photos
expect '.errors == [] and .stats.files_unchanged > 0
  and .stats.files_hashed > 0 and .stats.group_count == 20'
