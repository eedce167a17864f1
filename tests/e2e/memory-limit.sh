# Normal pictures fit into the smallest limit.
mkdir photos
make_picture photos --seed 1 --count 8 --size 1200x900
report --memory-limit 64M -w 4 photos
expect '.stats.files_hashed == 8 and .errors == []'
