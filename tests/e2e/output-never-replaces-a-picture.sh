# -o refuses to write over a photo.
photo photos/a.jpg 1
cp photos/a.jpg before
exits 1 vam-analyze -o photos/a.jpg photos 2>&1
cmp before photos/a.jpg
