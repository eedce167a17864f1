# A source must be a folder.
photo photos/a.jpg 1
exits 1 vam-analyze photos/a.jpg 2>&1
vam-analyze photos photos/a.jpg 2>&1
