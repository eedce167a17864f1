# A reader that leaves early is no failure.
photo photos/a.jpg 1
cp photos/a.jpg photos/b.jpg
mkfifo pipe
exec {pipe}<>pipe {gone}>pipe {pipe}<&-
for format in text json jsonl csv fdupes print0; do
  exits 0 vam-analyze -f $format photos 1>&"$gone" 2>err
  [ ! -s err ] || fail "$(cat err)"
done
