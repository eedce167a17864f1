# All search indexes give the same bytes, timings apart.
mkdir photos photos/small
make_picture photos --seed 1 --count 60
make_picture photos/small --seed 31 --count 60 --size 80x60
for threshold in 5 20; do
  for index in auto flat scan bands; do
    report --index $index --similarity-threshold $threshold photos
    result report.json >with-$index
    expect '.stats.group_count > 0'
  done
  for index in flat scan bands; do
    same with-auto with-$index
  done
done
vam-analyze -v --index flat photos 2>&1 >report |
  grep -q 'searched with FAISS IndexBinaryFlat, '
