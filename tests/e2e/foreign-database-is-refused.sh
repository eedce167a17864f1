# A database of another program is never written to.
photo photos/a.jpg 1
mkdir catalog
sqlite3 catalog/catalog.sqlite 'CREATE TABLE theirs (x)'
cp catalog/catalog.sqlite before
for option in '' --clear --repair; do
  exits 1 vam-analyze catalog -s photos $option 2>&1
  cmp before catalog/catalog.sqlite
done
