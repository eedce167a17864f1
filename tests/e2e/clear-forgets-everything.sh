# --clear begins with an empty catalog.
photo photos/a.jpg 1
photo more/b.jpg 2
report photos more
report --clear photos
expect '.stats.files_hashed == 1 and .stats.pictures_decoded == 1'
query 'SELECT path FROM photo'
