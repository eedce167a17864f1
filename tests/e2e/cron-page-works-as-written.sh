# The crontab and the units of docs/cron.md: what they run, at night after night.
page=$(dirname -- "$2")/../../docs/cron.md
mkdir home/Pictures
photo home/Pictures/a.jpg 1 --size 320x240
cp home/Pictures/a.jpg home/Pictures/b.jpg
photo home/Pictures/cut.jpg 3
truncate -s 1000 home/Pictures/cut.jpg

# As cron does: with sh, in the home, and with hardly any environment. Only the
# program is not where the page has it.
awk '/^```/ { inside = /crontab/; next } inside' "$page" >crontab
grep -qx 'MAILTO=[a-z]*' crontab
grep -q '^PATH=/' crontab
[ "$(grep -cE '^[0-9]' crontab)" -eq 1 ]
sed -nE 's/^([0-9*]+ ){5}//p' crontab >line
# unit NAME: what the page has under the file of this name.
unit() {
  awk -v name="/$1\`:" 'index($0, name) { found = 1 }
    /^```/ { inside = found && /systemd/; if (!/systemd/) found = 0; next }
    inside' "$page"
}
unit vam-analyze.service >vam-analyze.service
unit vam-analyze.timer >vam-analyze.timer
sed -n "s|%h|$HOME|g; s/^ExecStart=//p" vam-analyze.service >start
[ "$(wc -l <line)" -eq 1 ] && [ "$(wc -l <start)" -eq 1 ]

night() {
  local status=0
  (cd "$HOME" && env -i HOME="$HOME" LOGNAME=ana SHELL=/bin/sh PATH="$PATH" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}" LSAN_OPTIONS="${LSAN_OPTIONS:-}" \
    TSAN_OPTIONS="${TSAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" \
    sh -c "$(cat "$OLDPWD/$1")" >"$OLDPWD/mail" 2>&1) || status=$?
  echo "$1: exit $status"
  cat mail
}
for with in line start; do
  rm -rf home/photos.catalog
  night $with
  night $with
  [ ! -s mail ] || fail "$(cat mail)"
  cp home/Pictures/a.jpg home/Pictures/$with.jpg
  night $with
done

# What systemd says of the units, where it is there to ask.
command -v systemd-analyze >/dev/null || exit 0
sed -i "s|^ExecStart=vam-analyze|ExecStart=$(command -v vam-analyze)|" \
  vam-analyze.service
systemd-analyze verify --man=no ./vam-analyze.service ./vam-analyze.timer \
  >verified 2>&1 || fail "$(cat verified)"
! grep -q Unknown verified || fail "$(cat verified)"
