# What somebody sees of the progress, whatever becomes of the window: one line,
# below the messages, which is gone when the run ends.
command -v tmux >/dev/null || skip 'no tmux'
unset TMUX
socket=$(mktemp -d /tmp/vam-XXXXXX)/tmux  # below $TMPDIR, it may be too long
trap '{ in_tmux kill-server; rm -r "${socket%/*}"; } 2>/dev/null || true' EXIT
in_tmux() { tmux -S "$socket" -f /dev/null "$@"; }
shown() { in_tmux capture-pane -p; }
shows() { shown | grep -qE -- "$1"; }

name=$(printf 'long name %0150d.jpg' 0)
photo "photos/$name" 1
make_picture photos --seed 2 --count 20 --size 320x240
photo photos/z.png 30 --size 604x80  # never decoded, see dying_decoder.cpp

# One worker, which is the main thread: the thread sanitizer makes a signal wait
# for as long as its thread does.
in_tmux new-session -d -x 110 -y 20 bash -c "
  LD_PRELOAD=$(command -v dying_decoder.so) \
    vam-analyze photos -v -w 1 --file-timeout 0 >out
  echo ended with \$?
  sleep 1000"
wait_until shows '21 of 22 files .* left'
shown >screen
grep -E '^hashing: \[#+-*\]  21 of 22 files  +[0-9.]+ KiB of [0-9.]+ KiB  +[0-9.,]+/s  workers +[0-9]+ %  +[0-9:]+ left$' \
  screen >line || fail "$(cat screen)"
[ "$(grep -c . line)" -eq 1 ]
[ "$(grep . screen | tail -1)" = "$(cat line)" ] || fail 'not below the messages'
in_tmux capture-pane -pJ -S - >messages  # without the line breaks
grep -qE "^vam-analyze: .*/photos/$name: [0-9.]+ ms$" messages

# One line that fits, and no piece of an older one.
fits() {
  shown | grep . >screen
  [ "$(wc -l <screen)" -eq 1 ] && grep -qE '^hashing: .*21 of 22 files' screen
}
in_tmux send-keys -R  # an empty screen
wait_until fits
in_tmux clear-history
for columns in 50 28 35 110 40; do
  in_tmux resize-window -x "$columns" -y 20
  wait_until fits
done

in_tmux send-keys C-c
wait_until shows '^ended with 130$'
shown >screen
grep -q '^vam-analyze: interrupted; ' screen
! grep hashing: screen || fail 'the line is still there'

# What is drawn changes nothing that is reported.
rm photos/z.png
in_tmux kill-server
report photos
mv report.json without.json
in_tmux new-session -d -x 80 -y 10 bash -c "
  vam-analyze photos --json >report.json; touch done; sleep 1000"
wait_until test -e done
stable without.json >without
stable report.json >with
same without with
