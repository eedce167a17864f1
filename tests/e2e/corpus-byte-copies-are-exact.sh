# Every byte-identical copy in the corpus is an exact match of its original.
report_corpus
jq -r --slurpfile truth "$corpus/truth.json" --arg root "$corpus/" '
  [.groups[] | .id as $group | .files[] |
    {key: .path | ltrimstr($root), value: [$group, .checksum]}] |
  from_entries as $place_of |
  $truth[0].groups[] | .original as $original |
  .copies[] | select(.class == "exact") | .path |
  select($place_of[.] == null or $place_of[.] != $place_of[$original])
' report.json
