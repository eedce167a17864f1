# -o leaves the old report until the new one is complete.
photo photos/a.jpg 1
echo old >report.json
chmod 640 report.json
exits 1 vam-analyze --json -o report.json missing 2>/dev/null
[ "$(cat report.json)" = old ] || fail 'the old report is gone'
vam-analyze --json -o report.json photos
expect '.stats.files_hashed == 1'
stat -c %a report.json
exits 1 vam-analyze -o no/such/folder photos 2>&1
ls -A
