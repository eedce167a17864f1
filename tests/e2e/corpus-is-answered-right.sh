# In the corpus byte-identical copies are exact matches of their original, and
# different pictures never are. A second run reads nothing and says the same.
report_corpus
jq -r --slurpfile truth "$corpus/truth.json" --arg root "$corpus/" '
  [.groups[] | .id as $group | .files[] |
    {key: .path | ltrimstr($root), value: [$group, .checksum]}] |
  from_entries as $place_of |
  $truth[0].groups[] | .original as $original |
  .copies[] | select(.class == "exact") | .path |
  select($place_of[.] == null or $place_of[.] != $place_of[$original])
' report.json >missed
[ ! -s missed ] || fail "not exact: $(cat missed)"
jq -c --slurpfile truth "$corpus/truth.json" --arg root "$corpus/" '
  ([$truth[0].groups[] | .original as $scene |
    ($scene, .copies[].path) | {key: ., value: $scene}] |
    from_entries) as $scene_of |
  .groups[].files |
  map(select(.match == "exact") | .path | ltrimstr($root)) |
  select(map($scene_of[.] // .) | unique | length > 1)
' report.json >wrong
[ ! -s wrong ] || fail "exact: $(cat wrong)"
result report.json >first
report_corpus
result report.json >second
same first second
expect '.stats.files_hashed == 0 and .stats.bytes_read == 0'
