# The same bytes are the same bytes, even if nothing can decode them.
photo whole.jpg 1
mkdir photos
head -c 2000 whole.jpg >photos/a.jpg
cp photos/a.jpg photos/b.jpg
report photos
expect_groups 'a.jpg b.jpg'
expect '.groups[0].kind == "exact" and .groups[0].files[1].hashes.dhash == null'
expect '[.errors[].code] == ["truncated", "truncated"]'
