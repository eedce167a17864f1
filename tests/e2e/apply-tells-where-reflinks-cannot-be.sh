# A file system that cannot share bytes: each file is refused, in a dry run
# already, and nothing happens.
photo photos/keep.jpg 1
cp -p photos/keep.jpg photos/copy.jpg
! cp --reflink=always photos/keep.jpg try 2>/dev/null ||
  skip 'this file system can share bytes'
report photos --keep path:'keep*'
vam-apply report.json --reflink
exits 3 vam-apply report.json --reflink --yes --strict --journal journal
[ ! -e journal ]
[ "$(stat -c %h photos/copy.jpg)" = 1 ]
