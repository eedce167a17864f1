# The commands of docs/recipes.md, one after the other, in one home.
for program in exiftool rclone; do
  command -v $program >/dev/null || skip "no $program"
done
photo home/Pictures/2023/lake.jpg 1 --size 640x480 --make Make
photo home/Pictures/2023/hill.jpg 2 --size 640x480 --make Make
photo home/Pictures/chat/lake.jpg 1 --size 320x240 --quality 70
photo home/Pictures/chat/hill.jpg 2 --size 640x480 --brighten 30
photo home/Pictures/cut.jpg 3 --size 640x480
truncate -s 3000 home/Pictures/cut.jpg
cp home/Pictures/2023/lake.jpg 'home/Pictures/chat/lake (1).jpg'
cp home/Pictures/2023/lake.jpg 'home/Pictures/chat/lake [*].jpg'
cp -r home/Pictures/2023 home/archive
cp -r home/archive home/card
photo home/card/new.jpg 4 --size 640x480

recipes=$(dirname -- "$2")/../../docs/recipes.md
awk '
  /^## / { printf "echo; echo \"%s\"\n", $0; next }
  /^    / { print substr($0, 5) }
' "$recipes" >commands
[ "$(grep -c '^echo; echo "## ' commands)" -ge 10 ] || fail 'these are few'
bash -euo pipefail commands 2>messages
cat messages
