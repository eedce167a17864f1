# Other programs may look into the catalog while it is filled.
many_photos
start_stuck photos
query 'SELECT count(*) > 0 FROM photo WHERE dhash IS NOT NULL'
query "SELECT path LIKE '%/photos/%' FROM photo LIMIT 1"
