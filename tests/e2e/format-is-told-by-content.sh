# A wrong extension changes nothing, and a missing one neither.
photo a.png 1
mkdir photos
mv a.png photos/wrong.jpg
photo photos/right.jpeg 1
cp photos/right.jpeg photos/IMG_0001
echo 'no picture' >photos/README
report photos
expect_groups 'IMG_0001 right.jpeg wrong.jpg'
expect '[.groups[0].files[] | .format] | sort == ["jpeg", "jpeg", "png"]'
expect '.stats.files_skipped == 1 and .errors == []'
