# A report that is not written in full leaves what it would have told for the
# next one.
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
news() {
  vam-analyze catalog -s photos --detect-duplicates --new-only "$@"
}
exits 1 news 2>messages >/dev/full
exits 1 news -o /dev/full 2>messages
mkfifo pipe
exec {pipe}<>pipe {gone}>pipe {pipe}<&-
exits 0 news 1>&"$gone"

# Killed while it writes: it cannot end before somebody has read more.
mkdir photos/many
tee photos/many/{0001..2000}.jpg <photos/a.jpg >/dev/null
exec {pipe}<>pipe
vam-analyze catalog --detect-duplicates --new-only >pipe {pipe}<&- &
run=$!
head -c 1 <&"$pipe" >begin
kill -9 "$run"
wait "$run" 2>messages || true

news >out
[ "$(grep -c "^  exact       $PWD/photos/" out)" -eq 2001 ]
news >out 2>&1
[ ! -s out ] || fail "$(cat out)"
