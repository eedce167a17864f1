# A path longer than the system takes in one call is read like any other.
photo photos/a.jpg 1
name=$(printf '%0200d' 0)
(
  cd photos
  for ((i = 0; i < 25; ++i)); do
    mkdir "$name"
    cd "$name"
  done
  make_picture a.jpg --seed 1
)
report photos
expect '.stats.files_hashed == 2 and .errors == []'
expect '.groups[0].kind == "exact"'
expect '[.groups[0].files[].path | length] | max > 5000'
report photos
expect '.stats.files_unchanged == 2'
