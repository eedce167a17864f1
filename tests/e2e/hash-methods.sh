# All named hashes must agree, and only those; before a closer look, the first
# and one of the others.
photo photos/a.jpg 1
photo photos/b.jpg 1 --size 80x60
for methods in dhash ahash whash whash,dhash,ahash; do
  for verify in '' --no-verify; do
    report $verify --hash-methods $methods photos
    expect_groups 'a.jpg b.jpg'
    jq -c '.settings.hash_methods' report.json
  done
done
