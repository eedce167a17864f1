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

# One that has lost its main file is not taken for a folder of photos.
mv catalog/catalog.sqlite catalog/catalog.sqlite-wal
exits 1 vam-analyze catalog 2>messages
grep -q 'run again with --repair' messages || fail "$(cat messages)"
vam-analyze --repair catalog >out 2>messages || true
grep -q 'catalog/catalog.sqlite.damaged-2-wal$' messages ||
  fail "$(cat messages)"
cmp before catalog/catalog.sqlite.damaged-1
[ -s catalog/catalog.sqlite.damaged-2-wal ]
[ ! -e "$database" ] || fail 'another catalog was made'
report catalog -s photos
expect '.stats.files_hashed == 1'
