# A report that cannot be written is a failure.
photo photos/a.jpg 1
exits 1 vam-analyze photos 2>&1 >/dev/full
exits 1 vam-analyze -o /dev/full photos 2>&1
