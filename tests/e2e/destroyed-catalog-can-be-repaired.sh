# --repair helps even where nothing is left of the database.
photo photos/a.jpg 1
report catalog -s photos
printf '%8192s' nonsense >catalog/catalog.sqlite
cp catalog/catalog.sqlite before
exits 1 vam-analyze catalog 2>&1
cmp before catalog/catalog.sqlite
report --repair catalog -s photos 2>&1
cmp before catalog/catalog.sqlite.damaged-1
expect '.stats.files_hashed == 1'
