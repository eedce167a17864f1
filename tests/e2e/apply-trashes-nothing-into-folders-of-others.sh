# At the top of a file system others can write: a .Trash-UID that belongs to
# somebody else, is a link, or becomes one just before the move, takes no file.
. "$(dirname -- "$2")/disturb.sh"
photo away/keep.jpg 1
cp -p away/keep.jpg away/copy.jpg
[ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null || skip 'no mounts of its own'
cat >inside <<'IN'
mount -t tmpfs none photos
cp -rp away photos/below
vam-analyze --json photos --keep path:'keep*' >plan.json 2>/dev/null
own=photos/.Trash-$(id -u)
trash() {
  vam-apply plan.json --trash "$@" | head -n 1
  [ -e photos/below/copy.jpg ] || fail "$* trashed it"
  [ -z "$(find theirs -mindepth 1)" ] || fail 'there is something of it'
}
mkdir theirs
chmod 777 theirs

mkdir "$own"
chown 1:1 "$own"
trash
trash --yes --journal j1
[ -z "$(find "$own" -mindepth 1)" ]
rmdir "$own"

ln -s ../theirs "$own"
trash
trash --yes --journal j2
rm "$own"

echo mine >"$own"
trash --yes --journal j3
rm "$own"

# Files or links in the place of its parts.
mkdir -m 700 "$own"
ln -s ../../theirs "$own/files"
trash --yes --journal j4
rm "$own/files"
ln -s ../../theirs "$own/info"
trash --yes --journal j5
rm -r "$own"

# The same of the administrator's .Trash: then the user's own is taken.
mkdir -m 1777 photos/.Trash
mkdir "photos/.Trash/$(id -u)"
chown 1:1 "photos/.Trash/$(id -u)"
vam-apply plan.json --trash --yes -q --journal j6
[ -e "$own/files/copy.jpg" ]
vam-apply --undo j6 --yes -q
rm -r photos/.Trash "$own"

# It is looked at again when it is used: somebody was faster.
for n in 1 2 3 4 5 6; do
  rm -rf "$own" "j7.$n"
  LD_PRELOAD=$preload RUN_AT_WRITE=$n \
    RUN="[ -e $own ] || { mkdir $own; chown 1:1 $own; }" \
    vam-apply plan.json --trash --yes --journal "j7.$n" >told 2>/dev/null || true
  if [ "$(stat -c %u "$own")" = 1 ]; then
    [ -e photos/below/copy.jpg ] || fail "trashed into a folder of others at $n"
    echo faster
  else
    vam-apply --undo "j7.$n" --yes -q
  fi
done
IN
mkdir photos
export preload
unshare -m bash -euo pipefail -c '. "$1"; . ./inside' inside "$1" |
  sed "s/Trash-$(id -u)/Trash-UID/" | uniq
