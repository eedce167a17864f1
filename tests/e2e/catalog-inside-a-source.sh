# A source may hold the catalog itself.
photo photos/a.jpg 1
report photos/catalog -s photos
expect '.stats.files_hashed == 1 and .errors == []'
stable report.json | jq .stats.files_seen >first
report photos/catalog
expect '.stats.files_unchanged == 1 and .errors == []'
stable report.json | jq .stats.files_seen >second
same first second
