# An exact copy becomes a name of its keeper, and a file of its own again with
# its time. What differs in more than the time stays.
photo photos/keep.jpg 1 --size 640x480
for name in copy mode owner attribute; do
  cp photos/keep.jpg photos/$name.jpg
  touch -d 2019-01-01T01:02:03.000000004Z photos/$name.jpg
done
photo photos/small.jpg 1 --size 320x240
chmod 600 photos/mode.jpg
chown 1:1 photos/owner.jpg 2>/dev/null || rm photos/owner.jpg
setfattr -n user.tag -v mine photos/attribute.jpg 2>/dev/null ||
  python3 -c 'import os
os.setxattr("photos/attribute.jpg", "user.tag", b"mine")' 2>/dev/null ||
  rm photos/attribute.jpg
report photos --keep path:'keep*'
tree() { find photos -printf '%p %i %m %U %s %T@ %n\n' | grep -v '^photos ' | sort; }
tree | sed 's/^\([^ ]*\) [0-9]*/\1/' >before
vam-apply report.json --hardlink --yes --strict --journal journal >told ||
  [ $? -eq 3 ]
grep copy told
[ ! -e photos/owner.jpg ] || grep -q 'owner.jpg: owner, permissions' told
[ ! -e photos/attribute.jpg ] || grep -q 'attribute.jpg: owner, permissions' told
grep -q 'mode.jpg: owner, permissions or attributes differ' told
[ photos/copy.jpg -ef photos/keep.jpg ]
[ "$(stat -c %h photos/keep.jpg)" = 2 ]
[ "$(find photos -name '.*' | wc -l)" -eq 0 ]
vam-apply --undo journal --yes
tree | sed 's/^\([^ ]*\) [0-9]*/\1/' >after
same before after

# Undone only while it is a link with the same bytes.
vam-apply report.json --hardlink --yes -q --journal j2
echo >>photos/keep.jpg
vam-apply --undo j2 --yes
[ photos/copy.jpg -ef photos/keep.jpg ]
