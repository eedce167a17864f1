# -o refuses to write over the catalog, also one that this run has made.
photo photos/a.jpg 1
mkdir catalog
exits 1 vam-analyze catalog -s photos -o catalog/catalog.sqlite 2>&1
query 'SELECT count(*) FROM file' catalog/catalog.sqlite
exits 1 vam-analyze catalog -o catalog/catalog.sqlite 2>&1
