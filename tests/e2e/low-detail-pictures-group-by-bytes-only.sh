# Flat pictures look all alike; only the same bytes make a group.
photo photos/grey.jpg 1 --flat
photo photos/light.jpg 4 --flat
photo photos/grey.png 1 --flat
photo photos/grey-small.jpg 1 --flat --size 80x60
cp photos/grey.jpg photos/grey-copy.jpg
report --similarity-threshold 64 photos
expect_groups 'grey-copy.jpg grey.jpg'
expect '.stats.files_hashed == 5'
