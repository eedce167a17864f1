# Moved, renamed and copied files are known by their content.
photo photos/moved.jpg 1
photo photos/renamed.jpg 2
photo photos/copied.jpg 3
report photos
mkdir photos/elsewhere
mv photos/moved.jpg photos/elsewhere
mv photos/renamed.jpg photos/other-name.jpg
cp photos/copied.jpg photos/copy.jpg
report photos
expect '.stats.files_hashed == 3 and .stats.pictures_decoded == 0'
expect_groups 'copied.jpg copy.jpg'
