# No exact match in the corpus is of different pictures.
report_corpus
jq -c --slurpfile truth "$corpus/truth.json" --arg root "$corpus/" '
  ([$truth[0].groups[] | .original as $scene |
    ($scene, .copies[].path) | {key: ., value: $scene}] |
    from_entries) as $scene_of |
  .groups[].files |
  map(select(.match == "exact") | .path | ltrimstr($root)) |
  select(map($scene_of[.] // .) | unique | length > 1)
' report.json
