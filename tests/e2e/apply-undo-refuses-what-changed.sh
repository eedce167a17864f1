# --undo overwrites nothing, and believes no journal that others may write.
photo photos/keep.jpg 1
for name in a b c d; do cp -p photos/keep.jpg photos/$name.jpg; done
report photos --keep path:'keep*'
vam-apply report.json --move-to aside --yes -q --journal journal
away=aside$PWD/photos
echo mine >photos/a.jpg
echo >>"$away/b.jpg"
rm "$away/c.jpg"
touch "$away/d.jpg"  # not all file systems keep a time as it was given
exits 3 vam-apply --undo journal --yes --strict
cat photos/a.jpg
# What stands in the way is gone, so that it can go on.
rm photos/a.jpg
touch -r photos/keep.jpg photos/d.jpg
vam-apply --undo journal --yes
ls photos

# Half a line at the end was never acted on.
vam-apply report.json --match exact --move-to aside --yes -q --journal torn
printf '{"n":9,"step":"beg' >>torn
vam-apply --undo torn --yes | tail -n 1
tail -c 1 torn | od -An -c | tr -d ' '
tell() { exits 1 vam-apply --undo "$1" --yes 2>&1; }
echo 'no JSON' >broken && chmod 600 broken && tell broken
{ head -n 1 torn; echo '{"n":2,"step":"done"}'; } >broken && tell broken
{ head -n 1 torn; echo '{"n":1,"step":"begin","action":"move","path":"a"}'; } \
  >broken && tell broken
echo '{"schema":"vam-analyze/1"}' >broken && tell broken
: >broken && tell broken
ln -s torn link && tell link
chmod 666 torn && tell torn
tell missing
