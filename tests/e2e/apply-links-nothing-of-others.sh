# A copy that belongs to somebody else could not be made again: it is not
# linked, even where its folder allows that.
photo photos/keep.jpg 1
cp -p photos/keep.jpg photos/copy.jpg
report photos --keep path:'keep*'
need_user
[ "$(id -u)" -eq 0 ] || skip 'cannot give files away'
chown root:root photos/*.jpg
chmod 666 photos/*.jpg
as_user vam-apply report.json --hardlink --yes --journal journal | grep '^refused'
[ "$(stat -c %h photos/keep.jpg)" = 1 ]
