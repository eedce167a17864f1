# Whatever is wrong with a file, the run goes on, no decoder dies of it, every
# file is counted, and the answer does not depend on the order of work. With
# sanitizers (VAM_BUILD), they find nothing. VAM_DAMAGED and VAM_SEED ask for
# more and for other damage; half of it is of the photos in VAM_CORPUS.
for seed in 1 2 3; do
  mkdir -p "whole/$seed"
  make_picture "whole/$seed" --seed "$seed" --size 320x240 --every-format
  photo "whole/$seed/progressive.jpg" "$seed" --size 320x240 --progressive \
    --make Make --taken-at '2024:07:14 10:11:12' --orientation 6
done
fuzz=$(dirname "$(command -v make_picture)")/fuzz
"$fuzz/fuzz_seeds" seeds
mv seeds/decode whole

count=${VAM_DAMAGED:-1000}
generated=$count
if [ -f "${VAM_CORPUS:-}/truth.json" ]; then
  generated=$((count / 2))
  damage_files "$VAM_CORPUS" photos/corpus $((count - generated)) \
    "${VAM_SEED:-1}"
fi
damage_files whole photos/generated "$generated" "${VAM_SEED:-1}"

run() {
  vam-analyze "$1" -s photos --detect-duplicates --json "${@:2}" \
    >report.json 2>messages
  ! grep -A 20 -E 'Sanitizer|runtime error' messages ||
    fail 'a sanitizer has something to say'
  expect ".stats | .files_seen == $count and .files_failed > 0 and
    .files_seen == .files_hashed + .files_unchanged + .files_failed +
      .files_skipped"
  expect '[.errors[] | select(.code == "crashed" or .code == "timeout")] == []'
  result report.json
}
run first -w 1 >one-worker.json
jq -r '.stats | "of \(.files_seen): \(.files_hashed) hashed, " +
  "\(.files_failed) failed, \(.files_skipped) skipped"' report.json >&2
run second -w 4 >four-workers.json
same one-worker.json four-workers.json
run second >again.json
same four-workers.json again.json

# Decoder processes are killed in the end, and cannot tell of what they leaked.
if grep -q -a __asan_init "$fuzz/decode_fuzz"; then
  "$fuzz/decode_fuzz" photos/* >replayed 2>&1 || fail "$(tail -n 50 replayed)"
fi
