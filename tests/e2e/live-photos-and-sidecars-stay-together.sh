# A photo with a film or a sidecar beside it is kept, and these are named.
photo photos/a/IMG_1.jpg 1
photo photos/b/IMG_1.jpg 1
photo photos/large/IMG_1.jpg 1 --size 640x480
touch -d 2020-01-01T00:00:00Z photos/a/IMG_1.jpg
echo film >photos/b/img_1.MOV
report photos/a photos/b
expect ".groups[0] | .keep == \"$PWD/photos/b/IMG_1.jpg\" and
  .keep_reason == \"has companions\""
expect ".groups[0].files | [.[].companions] ==
  [[{path: \"$PWD/photos/b/img_1.MOV\", kind: \"video\"}], null]"
vam-analyze -0 photos/a photos/b | tr '\0' '\n'

# The larger picture is kept, and so is the one with the film, whose copy may
# go. Sidecars count alike.
report photos
expect '.groups[0].files | [.[].has_own_companions] == [null, null, true]'
vam-analyze -0 photos | tr '\0' '\n'
echo edits >photos/a/IMG_1.jpg.xmp
vam-analyze photos 2>/dev/null | sed '/^$/q'
vam-analyze -0 photos
expect '.stats.redundant_file_count == 1'
report photos --keep size --exclude '*.xmp' --exclude '*.MOV'
expect '.stats.redundant_file_count == 0'

# --explain sees the keeper of the report.
rm photos/large/IMG_1.jpg photos/a/*.xmp
vam-analyze --json --explain photos/a/IMG_1.jpg photos/b/IMG_1.jpg >report.json
expect ".first.keeper == \"$PWD/photos/b/IMG_1.jpg\""
