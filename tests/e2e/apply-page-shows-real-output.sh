# The commands of docs/apply.md print what it says, and do what it says.
page=$(dirname -- "$2")/../../docs/apply.md
photo home/Pictures/2023/IMG_4711.jpg 11 --size 1600x1200 --quality 92
photo home/Pictures/phone/IMG-WA0007.jpg 11 --size 800x600 --quality 60
cp home/Pictures/2023/IMG_4711.jpg 'home/Pictures/IMG_4711 (1).jpg'
find home/Pictures -type f | sort >before
sed -n '/^    vam-/s/^    //p' "$page" >commands
[ "$(wc -l <commands)" -eq 4 ] || fail 'these are other commands'
run() { sed -n "$1p" commands | bash -euo pipefail; }
run 1,2 2>messages | sed "s|$HOME|/home/ana|g" >shown
sed -n '/^    would/,/--yes$/s/^    //p' "$page" >promised
same promised shown
run 3 >told
find home/aside -type f | sort
run 4 >told
find home/Pictures -type f | sort >after
same before after
