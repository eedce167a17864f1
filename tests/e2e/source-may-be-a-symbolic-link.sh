# A source that is a symbolic link is the folder behind it, by its real name.
photo photos/a.jpg 1
ln -s photos link
report link photos/../photos/.
expect ".settings.sources == [\"$PWD/photos\"]"
expect '.stats.files_seen == 1'
