# Without CATALOG, it is "vam" under $XDG_DATA_HOME, or under ~/.local/share.
photo photos/a.jpg 1
report -s photos
expect ".catalog == \"$PWD/data/vam\" and .settings.detect_duplicates == false"
report photos
expect '.stats.files_unchanged == 1 and .settings.detect_duplicates'
unset XDG_DATA_HOME
report photos
expect ".catalog == \"$HOME/.local/share/vam\""
unset HOME
exits 1 vam-analyze photos 2>&1
