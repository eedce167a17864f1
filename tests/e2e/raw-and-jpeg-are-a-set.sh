# A RAW file and the JPEG that lies beside it are no copies of each other.
mkdir all photos
make_picture all --seed 3 --size 960x720 --every-format
[ -e all/scene.dng ] || skip 'no RAW'
cp all/scene.dng photos/IMG_1.DNG
cp all/scene.jpg photos/IMG_1.jpg
report photos
expect_groups
expect '.sets | length == 1 and .[0].kind == "raw+jpeg"'
expect '[.sets[0].files[].format] == ["raw", "jpeg"]'

mv photos/IMG_1.jpg photos/IMG_2.jpg
report photos
expect_groups 'IMG_1.DNG IMG_2.jpg'
expect '.sets == []'
