# The commands of the README, one after the other, in one home.
mkdir -p home/Pictures/Originals phone home/aside
photo home/Pictures/Originals/lake.jpg 1 --size 640x480
cp home/Pictures/Originals/lake.jpg home/Pictures/lake.jpg
photo home/Pictures/small.jpg 1 --size 320x240
cp home/Pictures/small.jpg phone/small.jpg
photo a.jpg 2
photo b.jpg 3
cp phone/small.jpg photo.jpg
ls -R home/Pictures >before
grep -oE '^ {4,7}vam-.*' "$(dirname -- "$2")/../../README.md" |
  sed "s|/mnt/phone|$PWD/phone|" >commands
[ "$(wc -l <commands)" -ge 17 ] || fail 'these are few'
while read -r command; do
  code=0
  bash -o pipefail -c "$command" >shown 2>told </dev/null || code=$?
  echo "$code ${command//$PWD/@}"
  ! grep warning told || fail "$command"
done <commands
[ -f home/duplicates/index.html ] || fail 'no page'
ls -R home/Pictures | cmp - before
