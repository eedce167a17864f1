# A run that waits for another one can be stopped, too.
many_photos
start_stuck photos
vam-analyze photos 2>second.log &
second=$!
wait_until grep waiting second.log
kill -TERM "$second"
exits 130 wait "$second"
cat second.log
