# Whoever presses Ctrl-C again does not want to wait for anything.
many_photos
start_stuck photos
while kill -INT "$stuck" 2>/dev/null; do sleep 0.1; done &
exits 130 wait "$stuck"
query 'PRAGMA integrity_check'
