# --stats adds a table and the bottleneck to the text; JSON always has them.
mkdir photos nothing
make_picture photos --seed 1 --count 40
vam-analyze photos -w 2 --stats >text
grep -Eo '^(Stage|scan|hash|search|verify|total|Bottleneck:) ' text
grep -Eq '^hash .* [0-9.]+ ([KM]iB|bytes)/s +[0-9]+ % of 2 +[0-9.]+ MiB$' text ||
  fail "$(cat text)"
vam-analyze photos >plain
! grep -q Bottleneck plain || fail 'nobody has asked'

report photos -w 2
expect '.stats.timings.stages | map(.name) ==
  ["scan", "hash", "search", "verify"]'
expect '.stats.timings.stages[3] | .pictures_per_second == null'
expect '.stats | .files_unchanged == 40 and .timings.hashing.decode_seconds == 0
  and .timings.stages[1].pictures_per_second == null'
report photos -w 2 --recompute-hashes
expect '.stats.timings | .hashing.decode_seconds > 0 and
  (.hashing | add) <= .hash_seconds * .workers + 0.01'
expect '.stats.timings.stages | all(.utilisation >= 0 and .utilisation <= 1)'
expect '.stats.timings.stages[1] | .pictures_per_second > 0 and
  .bytes_per_second > 0'

# Verification counts pairs.
photo copies/a.jpg 1
photo copies/b.jpg 1 --quality 60
report copies
expect '.stats.timings.stages[3].pairs_per_second > 0'

# Without photos, and without a search.
vam-analyze catalog -s nothing --stats |
  grep -Eo '^(scan|hash|search|verify|total|Bottleneck:) '
exits 2 vam-analyze photos --stats -0 2>&1
