# A damaged catalog is reported, and nothing about it is changed.
mkdir photos
make_picture photos --seed 1 --count 300 --size 64x48
report photos
damage file
cp "$database" before
exits 1 vam-analyze photos 2>&1
cmp before "$database"
