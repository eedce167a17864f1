# A file that claims to be huge costs nothing.
photo photos/a.jpg 1
truncate -s 3T photos/a.jpg 2>/dev/null || skip 'no large files here'
report photos
expect_error a.jpg too_large
expect '.stats.bytes_read == 0'
