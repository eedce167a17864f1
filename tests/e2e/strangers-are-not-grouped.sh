# Different scenes stay apart.
mkdir photos
make_picture photos --seed 1 --count 300 --size 96x72
report photos
expect '.groups == [] and .stats.files_hashed == 300'
