# A catalog of a newer version is not touched.
photo photos/a.jpg 1
report catalog -s photos
sqlite3 catalog/catalog.sqlite 'PRAGMA user_version = 1000'
cp catalog/catalog.sqlite before
exits 1 vam-analyze catalog 2>&1
cmp before catalog/catalog.sqlite
