# The order in which files were made, and thus are listed, changes nothing.
mkdir originals
make_picture originals --seed 1 --count 30
make_picture originals/similar.jpg --seed 5 --size 80x60
cp originals/0007.jpg originals/copy.jpg
for order in sort 'sort -r' 'sort -R'; do
  rm -rf photos
  mkdir photos
  for file in $(ls originals | $order); do
    cp -a "originals/$file" photos
  done
  report --clear photos
  stable report.json >"by-$order"
done
same by-sort 'by-sort -r'
same by-sort 'by-sort -R'
