# A source is scanned even if its own name is hidden.
photo .photos/a.jpg 1
report .photos
expect '.stats.files_hashed == 1'
