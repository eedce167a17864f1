# A broken picture is an error with its reason, and in no group by its look.
photo photos/whole.jpg 1
photo photos/whole.png 1
size=$(stat -c %s photos/whole.jpg)
head -c $((size - 100)) photos/whole.jpg >photos/truncated.jpg
head -c 5000 photos/whole.png >photos/truncated.png
cp photos/whole.png photos/corrupt.png
printf '\1\2\3\4' |
  dd of=photos/corrupt.png bs=1 seek=3000 conv=notrunc status=none
report photos
expect_groups 'whole.jpg whole.png'
expect '.stats.files_failed == 3'
jq -r '.errors[] | "\(.path): \(.stage): \(.code): \(.message)"' report.json
