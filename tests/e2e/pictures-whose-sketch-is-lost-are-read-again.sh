# A picture that could no longer be compared is read again, once.
photo photos/a.jpg 1
photo photos/b.jpg 1 --size 80x60
report photos
expect_groups 'a.jpg b.jpg'
sqlite3 "$database" 'DELETE FROM sketch'
report photos
expect_groups 'a.jpg b.jpg'
expect '.stats.files_hashed == 2 and .stats.files_unchanged == 0'
report photos
expect '.stats.files_hashed == 0 and .stats.files_unchanged == 2'
