# --repair saves what can be read, and keeps the damaged file.
mkdir photos
make_picture photos --seed 1 --count 300 --size 64x48
report photos
damage file
cp "$database" before
vam-analyze --repair --json photos 2>err >report.json
sed -E 's/kept [0-9]+ files/kept N files/' err
expect '.stats.files_hashed > 0 and .stats.files_unchanged > 0'
expect '.stats.pictures_decoded == 0 and .stats.files_seen == 300'
cmp before "$database.damaged-1"
query 'PRAGMA integrity_check'
