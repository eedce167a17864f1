# --wait: how long a run waits for another one.
many_photos
start_stuck photos
exits 1 vam-analyze --wait 0 photos 2>&1
exits 1 vam-analyze --wait 1 photos 2>&1
exits 1 vam-analyze --wait 0 --like photos/smaller/0001.jpg 2>&1
unstick
wait "$stuck"
vam-analyze --wait 0 -q photos >/dev/null
