# Files below --reference are kept, copies of each other, too.
photo photos/archive/small.jpg 1 --size 80x60
cp -p photos/archive/small.jpg photos/archive/again.jpg
photo photos/archived.jpg 1
cp -p photos/archive/small.jpg photos/phone.jpg
photo photos/other/a.jpg 2
cp -p photos/other/a.jpg photos/other/b.jpg

report photos
expect '.settings.reference == [] and (.settings.reference_only | not)'
expect '[.groups[].keep] == [$ENV.PWD + "/photos/archived.jpg",
  $ENV.PWD + "/photos/other/a.jpg"]'

ln -s photos/archive link
report photos --reference link/
expect '.settings.reference == [$ENV.PWD + "/photos/archive"]'
expect_groups 'archive/again.jpg archive/small.jpg archived.jpg phone.jpg' \
  'other/a.jpg other/b.jpg'
expect '.groups[0] | .keep == $ENV.PWD + "/photos/archive/again.jpg"'
expect '[.groups[0].files[] | select(.is_reference) | .path | split("/")[-1]]
  == ["again.jpg", "small.jpg"]'
expect '.stats.redundant_file_count == 3'
vam-analyze photos --reference photos/archive -0 | tr '\0' '\n' | sort

report photos --reference photos/archive --reference-only
expect_groups 'archive/again.jpg archive/small.jpg archived.jpg phone.jpg'

# It need not be a source, nor hold a picture.
mkdir empty
report photos --reference empty
expect '[.groups[] | .files[].is_reference] | any | not'

exits 2 vam-analyze photos --reference photos/none
exits 2 vam-analyze photos --reference photos/phone.jpg
exits 2 vam-analyze photos --reference-only
