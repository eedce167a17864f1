# Globs choose files; --exclude wins, and leaves out whole folders.
for file in a.jpg raw/b.jpg raw/deep/c.jpg d.png; do
  photo "photos/$file" 1
done
seen() {
  report "$@" photos
  jq -r --arg root "$PWD/photos/" \
    '[.groups[].files[].path | ltrimstr($root)] | sort | join(" ")' report.json
}
seen --include '*.jpg'
seen --exclude raw
seen --exclude 'raw/*.jpg'
seen --exclude 'raw/**'
seen --include '*.jpg' --include '*.png' --exclude deep
