# Pictures whose metadata were read by an older program, or not at all, are read
# again, once.
photo photos/a.jpg 1 --make Maker
photo photos/b.jpg 1 --size 80x60
report photos
sqlite3 "$database" \
  "UPDATE picture SET metadata_version = 0, camera_make = NULL"
report photos
expect '.stats.files_hashed == 2 and .stats.files_unchanged == 0'
expect '[.groups[0].files[].camera_make] == ["Maker", null]'
report photos
expect '.stats.files_hashed == 0 and .stats.files_unchanged == 2'
expect '[.groups[0].files[].camera_make] == ["Maker", null]'
