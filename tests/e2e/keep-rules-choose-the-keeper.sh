# --keep says what makes a keeper; without it, no edited copy is one.
photo photos/original.jpg 1 --quality 90 --size 320x240 \
  --taken-at '2024:07:14 10:11:12' --make Make
photo photos/chat/IMG-WA0007.jpg 1 --quality 60 --size 160x120
photo photos/edits/better-quality.jpg 1 --quality 98 --size 320x240
touch -d 2020-01-01T00:00:00Z photos/chat/IMG-WA0007.jpg
touch -d 2025-01-01T00:00:00Z photos/edits/better-quality.jpg

# keeper ARGUMENT...
keeper() {
  report photos "$@"
  expect '[.groups[].files | length] == [3]'
  jq -r --arg root "$PWD/photos/" '.groups[0] |
    (.keep | ltrimstr($root)) + ": " + .keep_reason' report.json
}

keeper
expect '.settings.keep ==
  ["resolution", "metadata", "generation", "format", "size", "companions",
    "oldest"]'
keeper --keep size
keeper --keep oldest
keeper --keep newest,size
keeper --keep 'path:**/none/**,path:**/chat/**,size'
expect '.settings.keep == ["path:**/none/**", "path:**/chat/**", "size"]'
keeper --keep 'path:better*'
keeper --keep format,metadata

for list in best size,size path: path:edits/ metadata,; do
  exits 2 vam-analyze photos --keep "$list" 2>err
  [ "$(wc -l <err)" -eq 1 ] || fail "not one line: $(cat err)"
done
