# One that never ends, and has no limit on its time.
photo photos/1.jpg 1
photo photos/603.png 2 --size 603x80
LD_PRELOAD=$(command -v dying_decoder.so) \
  vam-analyze photos -w 1 --file-timeout 0 >report.txt 2>log.txt &
run=$!
computes() { [ "$(ps -o cputimes= --ppid "$run")" -gt 0 ]; }
wait_until computes
kill -INT "$run"
status=0
wait "$run" || status=$?
[ "$status" -eq 130 ] || fail "exit status $status"
report photos
expect '.stats | .files_hashed + .files_unchanged == 2'
