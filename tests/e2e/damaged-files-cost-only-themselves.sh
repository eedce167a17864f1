# Whatever is wrong with a file, the run goes on, every file is counted, and the
# answer does not depend on the order of work. VAM_DAMAGED and VAM_SEED ask for
# more and for other damage.
whole=${VAM_CORPUS:-}
if [ ! -f "$whole/truth.json" ]; then
  whole=$PWD/whole
  for seed in 1 2 3; do
    mkdir -p "whole/$seed"
    make_picture "whole/$seed" --seed "$seed" --size 320x240 --every-format
    photo "whole/$seed/progressive.jpg" "$seed" --size 320x240 --progressive \
      --make Make --taken-at '2024:07:14 10:11:12' --orientation 6
  done
fi
count=${VAM_DAMAGED:-1000}
damage_files "$whole" photos "$count" "${VAM_SEED:-1}"

run() {
  vam-analyze "$1" -s photos --detect-duplicates --json "${@:2}" \
    >report.json 2>messages
  expect ".stats | .files_seen == $count and .files_failed > 0 and
    .files_seen == .files_hashed + .files_unchanged + .files_failed +
      .files_skipped"
  result report.json
}
run first -w 1 >one-worker.json
run second -w 4 >four-workers.json
same one-worker.json four-workers.json
run second >again.json
same four-workers.json again.json
