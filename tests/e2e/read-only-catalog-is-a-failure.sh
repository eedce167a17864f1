# A catalog that may not be written to: one line, and it stays as it is.
photo photos/a.jpg 1
report catalog -s photos
need_user
sha256sum catalog/* >before
chmod 555 catalog
exits 1 as_user vam-analyze catalog 2>&1
chmod 755 catalog
chmod 444 catalog/*
exits 1 as_user vam-analyze catalog 2>&1
sha256sum catalog/* | diff before -
