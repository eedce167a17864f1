# --repair where there is nothing to repair is a failure, and leaves no trace
# among the photos.
photo photos/a.jpg 1
exits 1 vam-analyze --repair photos 2>&1
ls -A photos
