# Names that are no text, or try to be commands, are moved and put back.
photo photos/keep.jpg 1
for name in $'\xff\xfe.jpg' $'new\nline.jpg' $'\e[31mred.jpg' '-rf.jpg' \
  '$(reboot).jpg'; do
  cp -p photos/keep.jpg "photos/$name"
done
report photos --keep path:'keep*'
find photos -type f | sort >before
for action in '--move-to aside' --trash; do
  vam-apply report.json $action --yes --journal journal
  [ "$(find photos -type f | wc -l)" -eq 1 ]
  vam-apply --undo journal --yes -q --strict
  find photos -type f | sort >after
  same before after
  rm journal
done
