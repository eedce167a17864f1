# A picture in each format that this build reads is one group with all of them.
mkdir photos
make_picture photos --seed 3 --size 960x720 --every-format
# With one name, it would be a set with the JPEG.
[ ! -e photos/scene.dng ] || mv photos/scene.dng photos/sensor.dng
report photos
files=$(find photos -type f | wc -l)
expect "[.groups[].files | length] == [$files] and .errors == []"
expect "[.groups[0].files[].format] | unique | length == $files"
# The machine may lack an encoder, but for these none is needed.
expect '[.groups[0].files[].format] | contains(["jpeg", "png", "bmp"])'
