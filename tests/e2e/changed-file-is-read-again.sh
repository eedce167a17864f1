# A file whose size, time or inode changed is read again, and only that one.
photo photos/a.jpg 1
photo photos/b.jpg 2
photo photos/c.jpg 3
report photos
cp --preserve=timestamps photos/a.jpg photos/b.jpg
report photos
expect '.stats.files_hashed == 1 and .stats.files_unchanged == 2'
expect_groups 'a.jpg b.jpg'
touch photos/a.jpg
report photos
expect '.stats.files_hashed == 1 and .stats.pictures_decoded == 0'
cp -a photos/c.jpg photos/new.jpg
mv photos/new.jpg photos/c.jpg
report photos
expect '.stats.files_hashed == 1 and .stats.pictures_decoded == 0'
