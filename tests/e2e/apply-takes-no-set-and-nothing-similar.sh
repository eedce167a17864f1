# Sets, companions, reference files and similar pictures stay, unless, for
# similar ones, --match names them.
photo photos/keep.jpg 1 --size 640x480
photo photos/bright.jpg 1 --size 640x480 --brighten 60
cp -p photos/keep.jpg photos/ref-copy.jpg
mkdir photos/ref && mv photos/ref-copy.jpg photos/ref/copy.jpg
cp -p photos/keep.jpg photos/film.jpg
echo film >photos/film.mov
report photos --keep 'path:keep*,reference' --reference photos/ref
expect '[.groups[].files[].match] | unique == ["exact", "similar"]'
vam-apply report.json --move-to aside
vam-apply report.json --move-to aside --match similar,exact

# A set whose member has a copy elsewhere.
jq '{kind: "raw+jpeg", files: [.groups[0].files[] |
      select(.path | endswith("bright.jpg")) | {path}]} as $set |
    .sets += [$set]' report.json >plan.json
vam-apply plan.json --move-to aside --match similar
