photo photos/small.png 1 --size 400x250
photo photos/large.png 2 --size 400x251
report --max-pixels 100000 photos 2>/dev/null
expect_error large.png too_large
report --max-pixels 1M photos
expect '.errors == [] and .stats.files_hashed == 1'
