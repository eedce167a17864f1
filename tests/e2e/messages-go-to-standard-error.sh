# Standard output carries the report and nothing else, however much is said.
photo photos/a.jpg 1
echo 'no picture' >photos/b.jpg
report photos
stable report.json >quiet
vam-analyze --clear --json -vv --progress always photos >report.json 2>err
stable report.json >noisy
same quiet noisy
grep -q '1 problem' err
