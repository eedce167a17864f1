# --recompute-hashes trusts nothing in the catalog.
photo photos/a.jpg 1
report photos
sqlite3 "$database" 'UPDATE picture SET dhash = 0'
report photos
expect '.stats.pictures_decoded == 0'
report --recompute-hashes photos
expect '.stats.files_hashed == 1 and .stats.pictures_decoded == 1'
query 'SELECT dhash != 0 FROM picture'
