# A hostile name can steer no terminal, by the report or by messages.
photo photos/a.jpg 1
cp photos/a.jpg $'photos/\e[2J\e]0;title\a.jpg'
cp photos/a.jpg $'photos/\u202egpj.exe.jpg'
echo 'no picture' >$'photos/\e[31mred.jpg'
vam-analyze -vv --progress never photos >out 2>err
exits 1 vam-analyze $'missing\e[31m' 2>>err
! grep -q $'[\e\a]' out err || fail 'control characters'
grep keep -A 6 out

command -v script >/dev/null || skip 'no script(1)'
for format in json jsonl csv fdupes print0; do
  script -qec "vam-analyze --progress never -f $format photos" /dev/null >out
  ! grep -q $'[\e\a]\|\u202e' out || fail "control characters: $format"
  grep -q jpg out
done
