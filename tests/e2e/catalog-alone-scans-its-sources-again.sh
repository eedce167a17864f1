# `vam-analyze CATALOG` scans the sources that the catalog knows.
photo photos/a.jpg 1
photo more/b.jpg 1
report catalog -s photos -s more
cp photos/a.jpg photos/new.jpg
report catalog --detect-duplicates
expect ".settings.sources == [\"$PWD/more\", \"$PWD/photos\"]"
expect '.stats.files_hashed == 1 and .stats.files_unchanged == 2'
expect ".catalog == \"$PWD/catalog\" and (.groups[0].files | length) == 3"
