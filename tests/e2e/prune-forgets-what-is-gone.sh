# --prune forgets files and sources that are gone; without it they stay.
photo photos/a.jpg 1
photo photos/gone.jpg 2
photo photos/excluded.jpg 3
photo drive/b.jpg 4
report photos drive
rm -r photos/gone.jpg drive
report --exclude 'excluded*' photos drive
query "SELECT count(*) || ' pictures' FROM picture"
report --exclude 'excluded*' --prune photos drive
query 'SELECT path FROM photo ORDER BY path'
query "SELECT count(*) || ' pictures' FROM picture"
query 'SELECT CAST(root AS TEXT) FROM source'
