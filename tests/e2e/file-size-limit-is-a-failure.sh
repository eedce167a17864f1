# A catalog or a report that may not grow (ulimit -f) is told, not died of.
mkdir photos
make_picture photos --seed 1 --count 300 --size 64x48
ulimit -f 20
exits 1 vam-analyze photos 2>&1
