# What is not as the report says, file or keeper, is refused, and so is what is
# in the way.
made=0
begin() {
  rm -rf photos aside film.mov
  photo photos/a/keep.jpg 1
  cp -p photos/a/keep.jpg photos/copy.jpg
  report photos --keep path:'keep*'
  expect ".groups[0].keep == \"$PWD/photos/a/keep.jpg\""
}
# refused WHAT: nothing is moved, and WHAT is why.
refused() {
  local before after
  before=$(ls -lR --time-style=full-iso photos)
  vam-apply report.json --move-to aside --yes --strict --journal "$((++made))" \
    >told && fail "not refused: $1" || [ $? -eq 3 ]
  grep -F "refused  $PWD/photos/copy.jpg: $1" told >/dev/null || {
    cat told >&2
    fail "not told: $1"
  }
  after=$(ls -lR --time-style=full-iso photos)
  [ "$before" = "$after" ] || fail "something happened: $1"
}
# rot FILE: one byte changes, size and times do not.
rot() {
  local time
  time=$(stat -c %y "$1")
  printf 'x' | dd of="$1" bs=1 seek=500 conv=notrunc status=none
  touch -d "$time" "$1"
}

begin; rm photos/copy.jpg; ln -s a/keep.jpg photos/copy.jpg
refused 'it is a symbolic link'
begin; touch photos/copy.jpg
refused 'it was modified since'
begin; echo >>photos/copy.jpg
refused 'it has another size now'
begin; rot photos/copy.jpg
refused 'it holds other bytes now'
begin; rm photos/copy.jpg; mkfifo photos/copy.jpg
refused 'it is no regular file'
begin; rm photos/copy.jpg
vam-apply report.json --move-to aside --strict >told && fail gone || [ $? -eq 3 ]
grep -qF "copy.jpg: it is gone" told

begin; rm photos/a/keep.jpg
refused 'its keeper: it is gone'
begin; mv photos/a photos/b; ln -s b photos/a
refused 'its keeper: a symbolic link is on the way to it'
begin; touch photos/a/keep.jpg
refused 'its keeper was modified since'
begin; rot photos/a/keep.jpg
refused 'its keeper holds other bytes now'
begin; ln -f photos/a/keep.jpg photos/copy.jpg
refused 'it may be its keeper by another name'
begin; ln photos/copy.jpg photos/other.jpg
refused 'it has further names (hard links)'
begin; echo film >photos/copy.mov
refused 'a film or sidecar belongs to it, which nobody compared'

begin; mkdir -p "aside$PWD/photos"; echo mine >"aside$PWD/photos/copy.jpg"
refused 'something is at its place there'
[ "$(cat "aside$PWD/photos/copy.jpg")" = mine ]
begin; mkdir -p aside; ln -s /tmp "aside/${PWD#/}" 2>/dev/null ||
  ln -s /tmp "aside/$(cut -d/ -f2 <<<"$PWD")"
refused 'a symbolic link is on the way to it'

# Bytes that no digest tells apart are compared, too.
begin; jq '.groups[0].files[0].checksum = "00000000000000000000000000000000"' \
  report.json >forged && mv forged report.json
refused 'the plan contradicts itself about its bytes'
