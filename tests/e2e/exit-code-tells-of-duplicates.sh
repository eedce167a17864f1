# --exit-code ends with 11 if there are duplicates, and with 0 if not.
photo photos/a.jpg 1
exits 0 vam-analyze --exit-code photos >/dev/null
cp photos/a.jpg photos/b.jpg
exits 11 vam-analyze --exit-code photos >/dev/null
exits 0 vam-analyze photos >/dev/null
