# A catalog is no source, and with it sources are given by -s.
photo photos/a.jpg 1
report catalog -s photos
exits 2 vam-analyze catalog photos 2>&1
exits 2 vam-analyze photos catalog 2>&1
