# `ulimit -f` is too small for memory that is shared, but not for the catalog.
photo photos/1.jpg 1
cp photos/1.jpg photos/2.jpg
(ulimit -f 512; report photos 2>messages)
expect '.stats.files_hashed == 2 and .errors == [] and (.groups | length) == 1'
grep -q 'without protection' messages || fail "no warning: $(cat messages)"
