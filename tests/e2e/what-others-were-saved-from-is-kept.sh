# A copy that was saved anew with a higher quality, or converted, is larger than
# its original and no better.
photo photos/original.jpg 1 --quality 75 --size 320x240
photo photos/saved-again.jpg 1 --quality 95 --size 320x240 --saved-before 75
photo photos/as.png 1 --size 320x240 --saved-before 75

# keeper ARGUMENT...
keeper() {
  report catalog -s photos --detect-duplicates "$@"
  expect '[.groups[].files | length] == [3]'
  jq -r '.groups[0] | (.keep | sub(".*/"; "")) + ": " + .keep_reason' \
    report.json
}

keeper
keeper --keep size
keeper --keep generation
echo 'from what is stored:'
keeper
expect '.stats | .files_hashed == 0 and .files_unchanged == 3'
