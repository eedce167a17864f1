# Copies that are met in the same run are decoded once.
mkdir photos
make_picture photos --seed 1 --count 20
for i in 1 2 3; do cp -r photos copies-$i; done
mv copies-* photos
report -w 4 photos
expect '.stats.files_hashed == 80 and .stats.pictures_decoded == 20'
expect '[.groups[] | .kind == "exact" and (.files | length) == 4] |
  all and length == 20'
