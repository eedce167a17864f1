# Missing standard descriptors are not taken for the catalog's.
photo photos/a.jpg 1
vam-analyze photos <&- >out
grep -q 'Files seen *1' out
vam-analyze photos <&- >out 2>&-
grep -q 'Files seen *1' out
exits 1 vam-analyze photos 2>&1 >&-
exits 1 vam-analyze missing <&- >&- 2>&-
query 'PRAGMA integrity_check'
report photos
expect '.stats.files_unchanged == 1'
