# SIGINT and SIGTERM end a run that is writing its report with 130, too: nothing
# stands under the name that was asked for but what was there before, and the
# next run need not read anything.
photo photos/1.jpg 1
for i in $(seq 2 2000); do cp photos/1.jpg "photos/$i.jpg"; done
vam-analyze -q photos >/dev/null
preload=$(dirname "$(command -v make_picture)")/interrupt_at_write.so

interrupted() {
  exits 130 env LD_PRELOAD="$preload" INTERRUPT_WITH="$1" INTERRUPT_AT="$2" \
    vam-analyze --json photos "${@:3}" 2>messages >&2
  grep -o 'interrupted; what was finished is in the catalog' messages
}
nothing_is_left() {
  find . -name '.vam-report-*' -o -name '.vam-page-*' | diff /dev/null - ||
    fail 'leftovers'
}

echo 'a report'
for signal in 2 15; do
  echo old >new.json
  interrupted $signal .vam-report- -o new.json
  [ "$(cat new.json)" = old ] || fail 'half a report'
  rm new.json
  interrupted $signal .vam-report- -o new.json
  [ ! -e new.json ] || fail 'half a report'
  nothing_is_left
done

echo 'a page'
for signal in 2 15; do
  interrupted $signal .vam-page-data.js --html page
  [ ! -e page/data.js ] || fail 'half a page'
  nothing_is_left
done

echo 'a pipe that nobody reads'
mkfifo pipe
exec {held}<>pipe
for signal in INT TERM; do
  vam-analyze --json photos >pipe 2>messages {held}<&- &
  run=$!
  dd bs=1 count=1 <pipe status=none >/dev/null  # the report has begun
  kill -"$signal" "$run"
  exits 130 wait "$run"
  grep -o 'interrupted; what was finished is in the catalog' messages
  dd bs=1M count=1 iflag=nonblock <pipe >/dev/null 2>&1  # for the next one
done

report photos --html page
expect '.stats | .files_unchanged == 2000 and .bytes_read == 0'
[ -e page/data.js ] || fail 'no page'
