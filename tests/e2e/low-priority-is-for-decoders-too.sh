# --low-priority: nobody waits for CPUs or disks because of it.
# shellcheck disable=SC2016
[ "$(ionice -c 3 sh -c 'ionice -p $$' 2>&1)" = idle ] || skip 'no idle class'
photo photos/604.png 1 --size 604x80  # never decoded, see dying_decoder.cpp
run_one() {
  rm -f mark
  DYING_DECODER_MARK=$PWD/mark LD_PRELOAD=$(command -v dying_decoder.so) \
    vam-analyze photos -w 2 --file-timeout 0 "$@" >report.txt &
  run=$!
  wait_until test -e mark
  decoder=$(pgrep -P "$run")
}
end_it() {
  kill -9 "$run"
  wait "$run" || true
}
run_one
usual=$(nice)
[ "$(ps -o ni= -p "$decoder" | tr -d ' ')" = "$usual" ]
end_it

# A decoder has the priority of the worker that started it.
run_one --low-priority
for process in "$run" "$decoder"; do
  ps -o ni= -p "$process" | tr -d ' '
  ionice -p "$process"
done
end_it
