# --verify-digests finds files whose bytes changed though nothing else did. They
# are grouped with nothing until they are restored or touched.
photo photos/a.jpg 1
photo photos/b.jpg 2
cp -p photos/a.jpg photos/copy.jpg
cp -p photos/a.jpg backup
keep_time() {
  touch -d 2024-01-01T00:00:00Z photos/copy.jpg
}
rot() {
  printf '%s' "$1" | dd of=photos/copy.jpg bs=1 seek="$2" conv=notrunc status=none
  keep_time
}
expect_rot() {
  expect_error copy.jpg bit_rot
  expect_groups
  expect '.stats | .files_seen == 3 and .files_unchanged == 2
    and .files_failed == 1 and .pictures_decoded == 0'
}

report photos
report --verify-digests photos
expect_groups 'a.jpg copy.jpg'
expect '.stats | .files_unchanged == 3 and .bytes_read > 0
  and .pictures_decoded == 0'
expect '.errors == []'

# Only who asks for it reads so much. Then it is remembered.
rot '%PDF-' 0
report photos
expect '.errors == []'
exits 3 vam-analyze --strict --verify-digests --json photos >report.json
expect_rot
report photos
expect_rot
expect '.stats.bytes_read == 0'
report --verify-digests photos
expect_rot
query "SELECT error FROM photo WHERE path LIKE '%/copy.jpg'"
vam-analyze --json --like photos/a.jpg |
  jq -c '[.queries[].matches[].path | sub(".*/"; "")]'
# Nor do questions believe what it holds now.
vam-analyze --json --like photos/copy.jpg 2>&1 >/dev/null
exits 1 vam-analyze --explain photos/a.jpg photos/copy.jpg 2>&1
exits 1 vam-analyze photos --mark-different photos/b.jpg photos/copy.jpg 2>&1

# Restored.
cat backup >photos/copy.jpg
keep_time
vam-analyze --json --like photos/copy.jpg |
  jq -c '[.queries[].matches[].path | sub(".*/"; "")]'
report --verify-digests photos
expect '.errors == [] and .stats.files_unchanged == 3'
expect_groups 'a.jpg copy.jpg'

# Taken as it is.
rot 'rotten' 500
report --verify-digests photos
expect_rot
touch photos/copy.jpg
report photos
expect '[.errors[] | select(.code == "bit_rot")] == []'
expect '.stats.pictures_decoded == 1'
report --verify-digests photos
expect '[.errors[] | select(.code == "bit_rot")] == []'
