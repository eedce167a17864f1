# The home trash for its own file system; for others the administrator's .Trash
# if it is sticky and no link, else .Trash-UID.
photo photos/keep.jpg 1
cp -p photos/keep.jpg 'photos/100% a b.jpg'
report photos --keep path:'keep*'
mkdir -p data/Trash/files
echo mine >'data/Trash/files/100% a b.jpg'
vam-apply report.json --trash --yes --journal home.journal
sed 's/Date=....-..-..T..:..:..$/Date=(then)/' data/Trash/info/*
[ "$(stat -c %a data/Trash/info)" = 700 ]
cmp 'data/Trash/files/100% a b 2.jpg' photos/keep.jpg
vam-apply --undo home.journal --yes
cmp 'photos/100% a b.jpg' photos/keep.jpg
find data/Trash -type f
# Somebody else emptied the trash.
vam-apply report.json --trash --yes -q --journal emptied.journal
rm -r data/Trash
vam-apply --undo emptied.journal --yes
cp -p photos/keep.jpg 'photos/100% a b.jpg'

unshare -m true 2>/dev/null || exit 0  # not root
cp -rp photos away
cat >inside <<'IN'
mount -t tmpfs none photos
cp -rp away photos/below
vam-analyze --json photos --keep path:'keep*' >plan.json 2>/dev/null
user=$(id -u)
trash() {
  vam-apply plan.json --trash --yes -q --journal "$1"
  find photos elsewhere -type f | sort
  sed -n 2p photos/.Trash-$user/info/* photos/.Trash/$user/info/* 2>/dev/null ||
    true
  vam-apply --undo "$1" --yes -q
}
mkdir elsewhere
trash none
mkdir photos/.Trash && chmod 755 photos/.Trash
trash not-sticky
chmod 1777 photos/.Trash
trash sticky
rm -r photos/.Trash && chmod 1777 elsewhere && ln -s ../elsewhere photos/.Trash
trash link
vam-apply plan.json --move-to aside
IN
unshare -m bash -euo pipefail inside | sed "s/Trash-$(id -u)/Trash-UID/
  s|Trash/$(id -u)/|Trash/UID/|"
