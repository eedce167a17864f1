# --show-discarded lists the matches that are in no group.
mkdir photos
make_picture photos --seed 1 --count 12
find photos -type f -exec touch -d 2024-01-01T00:00:00Z {} +
loose=(photos --no-verify --hash-methods dhash --similarity-threshold 28)
report "${loose[@]}"
expect '.stats.discarded_links > 0 and (has("discarded") | not)'
report "${loose[@]}" --show-discarded
expect '.stats.discarded_links == (.discarded | length)'
expect '[.groups[] | [.files[].path]] as $groups | .discarded | all(
  . as $link | all($groups[]; (index($link.first) and index($link.second)) |
  not))'
expect '(.discarded | map([.first, .second])) as $links | $links == ($links |
  sort)'
jq -c '.discarded[0] | keys' report.json
vam-analyze "${loose[@]}" --show-discarded -f jsonl >lines
[ "$(grep -c '^{"type":"discarded"' lines)" -eq \
  "$(jq '.discarded | length' report.json)" ] || fail 'lines are missing'
vam-analyze "${loose[@]}" --show-discarded | grep -c ' left out:$'
exits 2 vam-analyze --show-discarded "$XDG_DATA_HOME/vam" 2>&1
