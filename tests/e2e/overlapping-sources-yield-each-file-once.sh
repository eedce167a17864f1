# Sources inside each other, or given twice, yield every file once.
photo photos/a.jpg 1
photo photos/below/b.jpg 1
report photos photos/below photos
expect_groups 'a.jpg below/b.jpg'
expect '.stats.files_seen == 2'
report photos/below photos
expect '.stats.files_hashed == 0 and .stats.files_unchanged == 2'
