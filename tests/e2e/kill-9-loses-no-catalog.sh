# A run that is killed leaves a whole catalog, and the next one goes on there.
many_photos
start_stuck photos
kill -9 "$stuck"
exits 137 wait "$stuck"
query 'PRAGMA integrity_check'
report photos
expect '.stats.files_unchanged > 0 and .stats.files_hashed > 0'
result report.json >resumed
vam-analyze undisturbed -s photos --detect-duplicates --json >report.json
result report.json >undisturbed.json
same resumed undisturbed.json
expect '.stats.group_count == 20'
