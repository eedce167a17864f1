# -q keeps warnings from standard error, not the report.
mkdir photos
echo 'no picture' >photos/a.jpg
vam-analyze -q --json photos 2>err >report.json
[ ! -s err ] || fail "$(cat err)"
expect '.errors | length == 1'
exits 1 vam-analyze -q missing 2>&1
