# Further names of a file are no duplicates, but are told.
photo photos/a.jpg 1
ln photos/a.jpg photos/b.jpg
report photos
expect_groups
expect '.stats.files_seen == 1 and .stats.hard_links == 1'
cp photos/a.jpg photos/copy.jpg
touch photos/copy.jpg
report photos
expect_groups 'a.jpg copy.jpg'
expect "[.groups[0].files[].hard_links // empty] ==
  [[{path: \"$PWD/photos/b.jpg\"}]]"
