# Crashes, aborts, loops, waits for ever, ends and is killed: dying_decoder.cpp
# tells by the width.
for width in 601 602 603 604 605 606; do
  photo photos/$width.png $width --size ${width}x80
done
cp photos/601.png photos/copy.png
for seed in 1 2 3 4 5 6 7 8; do
  photo photos/$seed.png $seed
  cp photos/$seed.png photos/$seed-copy.png
done
dying() {
  LD_PRELOAD=$(command -v dying_decoder.so) report -w 3 --file-timeout 2 "$@"
}
codes() {
  jq -r --arg root "$PWD/photos/" \
    '.errors[] | "\(.path | ltrimstr($root)) \(.code) \(.message)"' report.json
}

dying photos 2>/dev/null
codes
expect '.stats | .files_seen == 23 and .files_failed == 7
  and .files_hashed == 16 and .pictures_decoded == 14'
expect '[.groups[] | .files | length] == [2, 2, 2, 2, 2, 2, 2, 2, 2]'
expect '.groups | map(select(.files[0].path | endswith("601.png"))
  | .kind) == ["exact"]'

echo 'again, with a decoder that is well:'
report photos 2>/dev/null
codes
expect '.stats | .files_hashed == 3 and .files_unchanged == 16
  and .pictures_decoded == 3'

report photos --recompute-hashes
expect '.errors == [] and .stats.files_hashed == 23'
