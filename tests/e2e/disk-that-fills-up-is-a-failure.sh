# A disk that is full in the middle of a run: one line, nothing lost, and the
# next run goes on.
mkdir disk
mount -t tmpfs -o size=600k,mode=755 vam-test disk 2>/dev/null ||
  skip 'cannot mount a small disk'
trap 'umount -l disk' EXIT
mkdir photos
make_picture photos --seed 1 --count 600 --size 64x48
report whole -s photos --detect-duplicates
result report.json >expected

echo old >disk/report.json
report disk/catalog -s photos --include '000*.jpg'
exits 1 vam-analyze disk/catalog -s photos 2>&1
[ "$(query 'PRAGMA integrity_check' disk/catalog/catalog.sqlite)" = ok ] ||
  fail 'not ok'
cat /dev/zero >disk/filler 2>/dev/null || true
exits 1 vam-analyze whole -o disk/report.json -s photos --json \
  --detect-duplicates 2>&1
cat disk/report.json

# A repair that has no room changes nothing.
cp disk/catalog/catalog.sqlite before
exits 1 vam-analyze disk/catalog --repair 2>&1
cmp before disk/catalog/catalog.sqlite
ls disk/catalog | grep -v -e -shm -e -wal

mount -o remount,size=64m disk
report disk/catalog -s photos --detect-duplicates
result report.json >answer
same expected answer
expect '.stats.files_unchanged >= 9'
