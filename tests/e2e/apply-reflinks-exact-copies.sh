# Exact copies share the bytes of their keeper and stay what they were in all
# else: number, time, owner, permissions, attributes. What changed is refused.
. "$(dirname -- "$2")/disturb.sh"
need_reflinks "$2"
photo photos/keep.jpg 1 --size 640x480
for name in copy mode owner attribute; do
  cp --reflink=never photos/keep.jpg photos/$name.jpg
  touch -d 2019-01-01T01:02:03.000000004Z photos/$name.jpg
done
photo photos/small.jpg 1 --size 320x240
chmod 400 photos/mode.jpg
chown 1:1 photos/owner.jpg
python3 -c 'import os
os.setxattr("photos/attribute.jpg", "user.tag", b"mine")'
report photos --keep path:'keep*'
tree() {
  find photos -type f -printf "%p ${1-} %m %U:%G %s %T@ %C@ %n\n" | sort
  python3 -c 'import os
print(os.getxattr("photos/attribute.jpg", "user.tag"))'
  cat photos/*.jpg | sha256sum
}
is_shared() { filefrag -v "$1" | grep -q shared; }

tree %i >before
vam-apply report.json --reflink --strict >told
grep -q '4 files, .* would be reflinked; 0 refused' told
! is_shared photos/copy.jpg
vam-apply report.json --reflink --yes --strict --journal journal 2>/dev/null \
  >told
grep -q '^4 files, .* reflinked; 0 refused' told
tree %i >after
same before after
for name in keep copy mode owner attribute; do
  is_shared photos/$name.jpg || fail "$name is not shared"
done

# They are files of their own: what is written to one does not reach another,
# and is not taken back.
cp --reflink=never photos/keep.jpg whole.jpg
echo >>photos/copy.jpg
cmp photos/keep.jpg whole.jpg
exits 3 vam-apply --undo journal --yes --strict >told
grep -q '^refused .*copy.jpg: it has another size now' told
grep -q '^3 files' told
for name in mode owner attribute; do
  ! is_shared photos/$name.jpg || fail "$name is still shared"
done
head -c -1 photos/copy.jpg >part
cat part >photos/copy.jpg
touch -d 2019-01-01T01:02:03.000000004Z photos/copy.jpg
vam-apply --undo journal --yes --strict >told
tree '' | sed -E 's/ [0-9.]+( [0-9]+)$/\1/' >after
sed -E 's/^([^ ]+) [0-9]+/\1 /; s/ [0-9.]+( [0-9]+)$/\1/' before >expected
same expected after
vam-apply --undo journal --yes --strict >told
grep -q '^0 files' told

# The kernel has the last word on a change: here the keeper, in the last moment.
report photos --keep path:'keep*'
change='printf x | dd of=photos/keep.jpg bs=1 seek=1000 conv=notrunc status=none
  touch -d 2024-01-01T00:00:00Z photos/keep.jpg'
cp -p photos/copy.jpg whole.jpg
for ((n = 1; n <= 6; ++n)); do
  LD_PRELOAD=$preload RUN_AT_WRITE=$n RUN="$change" \
    vam-apply report.json --reflink --yes --journal "one$n" >told 2>&1
  grep -q 'refused .*copy.jpg' told || [ $n -gt 3 ] || fail "linked at $n"
  cmp photos/copy.jpg whole.jpg
  cat whole.jpg >photos/keep.jpg
  touch -d 2024-01-01T00:00:00Z photos/keep.jpg
done

# What fails when bytes are shared already is undone all the same.
mkdir half
cp --reflink=never -p whole.jpg half/keep.jpg
cp --reflink=never -p whole.jpg half/copy.jpg
vam-analyze --json half --keep path:'keep*' >plan.json
tried=
for ((n = 1; n <= 12; ++n)); do
  preloaded FAIL_AT_WRITE=$n vam-apply plan.json --reflink --yes \
    --journal "half$n"
  grep -q 'refused .*copy.jpg: it cannot be brought to the disk' told || continue
  tried=yes
  is_shared half/copy.jpg
  vam-apply --undo "half$n" --yes --strict >told
  grep -q '^1 file, ' told
  ! is_shared half/copy.jpg
  break
done
[ $tried ]

# Not with a keeper elsewhere.
mkdir -p both/elsewhere
mount -t tmpfs none both/elsewhere
cp -p photos/keep.jpg both
cp -p photos/copy.jpg both/elsewhere
vam-analyze --json both --keep path:'keep*' >plan.json
vam-apply plan.json --reflink --yes --journal other >told
grep -q 'refused .*copy.jpg: it' told
[ ! -e other ]

# Nor what could not be made again.
need_user
chown root:root photos/*.jpg
chmod 666 photos/*.jpg
as_user vam-apply report.json --reflink --yes --journal theirs >told
grep -q 'refused .*: it belongs to somebody else' told
chown "$(as_user id -u):$(as_user id -g)" photos/*.jpg
python3 -c 'import os
os.setxattr("photos/copy.jpg", "security.NTACL", b"acl")'
as_user vam-apply report.json --reflink >told
grep -q 'refused .*copy.jpg: it has security attributes' told
grep -q 'would reflink .*mode.jpg' told
chmod 555 photos
as_user vam-apply report.json --reflink >told
grep -q 'refused .*mode.jpg: its folder may not be written to' told
