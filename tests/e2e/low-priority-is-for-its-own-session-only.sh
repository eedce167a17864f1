# --low-priority: where Linux shares CPUs among sessions, one that this run leads,
# as those of cron do, stands back as a whole; one of somebody else does not.
grep -q nice /proc/self/autogroup || skip 'CPUs are not shared among sessions'
photo photos/604.png 1 --size 604x80  # never decoded, see dying_decoder.cpp
run_one() {
  rm -f mark
  "$@" env DYING_DECODER_MARK="$PWD/mark" \
    LD_PRELOAD="$(command -v dying_decoder.so)" \
    vam-analyze photos -w 2 --file-timeout 0 --low-priority >report.txt &
  run=$!
  wait_until test -e mark
  sed 's/.* nice/nice/' "/proc/$run/autogroup" >session
  kill -9 "$run"
  wait "$run" || true
}
before=$(sed 's/.* nice/nice/' /proc/self/autogroup)
run_one
[ "$(cat session)" = "$before" ] || fail "another session: $(cat session)"
run_one setsid
[ "$(cat session)" = 'nice 19' ] || fail "its own session: $(cat session)"
