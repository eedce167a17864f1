# --strict ends with 3 if files could not be read; without it, with 0.
photo photos/a.jpg 1
vam-analyze --strict photos >/dev/null
echo 'no picture' >photos/b.jpg
exits 0 vam-analyze photos 2>&1 >/dev/null
exits 3 vam-analyze --strict photos 2>&1 >/dev/null
exits 3 vam-analyze --strict photos -f csv 2>&1 >/dev/null
