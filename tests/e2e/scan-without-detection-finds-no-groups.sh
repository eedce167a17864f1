# With -s, duplicates are only looked for when asked to.
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
vam-analyze catalog -s photos
report catalog -s photos --detect-duplicates
expect_groups 'a.jpg b.jpg'
