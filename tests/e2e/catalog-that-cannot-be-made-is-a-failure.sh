# Where no catalog can be, one line says so.
photo photos/a.jpg 1
exits 1 vam-analyze photos/a.jpg -s photos 2>&1
exits 1 vam-analyze /proc/catalog -s photos 2>&1
