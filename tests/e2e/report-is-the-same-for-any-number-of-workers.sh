# One worker and four give the same bytes, timings apart.
mkdir photos photos/small
make_picture photos --seed 1 --count 60
make_picture photos/small --seed 31 --count 60 --size 80x60
cp photos/000*.jpg photos/small
for workers in 1 4; do
  report --clear -w $workers photos
  expect '[.groups[] | select(.kind != "exact")] | length >= 20'
  stable report.json >with-$workers
done
same with-1 with-4
