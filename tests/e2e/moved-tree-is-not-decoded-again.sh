# A tree that was moved to another place is known by its contents.
mkdir photos
make_picture photos --seed 1 --count 20
report photos
mv photos elsewhere
report elsewhere
expect '.stats.pictures_decoded == 0 and .stats.files_hashed == 20'
