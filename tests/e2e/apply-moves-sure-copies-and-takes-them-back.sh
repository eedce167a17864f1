# vam-apply tells what it would do, does it with --yes, and undoes it.
photo photos/2023/lake.jpg 1 --size 640x480 --make Make
photo photos/chat/lake.jpg 1 --size 320x240
photo photos/chat/bright.jpg 1 --size 640x480 --brighten 60
cp -p photos/2023/lake.jpg 'photos/chat/lake (1).jpg'
tree() { find photos -type f -printf '%p %s %T@ %i\n' | sort; }
report photos
expect '[.groups[].files[].match] | unique == ["exact", "same-image", "similar"]'

tree >before
vam-apply report.json --move-to aside
tree >after
same before after
[ ! -e aside ] || fail 'a dry run made the folder'
[ ! -e home/.local/state ] || fail 'a dry run made a journal'

vam-apply report.json --move-to aside --yes --journal journal
find photos aside -type f | sort
[ "$(stat -c %a journal aside)" = "$(printf '600\n700')" ]
# The report is old now: nothing is there to be moved.
vam-apply report.json --move-to aside --yes --strict --journal other &&
  fail 'what is gone is refused' || [ $? -eq 3 ]
[ ! -e other ] || fail 'there is nothing to write down'

vam-apply --undo journal
vam-apply --undo journal --yes
tree >after
same before after
vam-apply --undo journal --yes
vam-apply - --move-to aside --match exact -q --yes --journal j2 <report.json
find photos -type f | sort
