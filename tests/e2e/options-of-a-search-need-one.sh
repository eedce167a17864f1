# Options that only mean something for duplicates are refused without a search.
photo photos/a.jpg 1
vam-analyze -q catalog -s photos >/dev/null
for option in '--keep size' '--bursts ignore' '--reference photos' \
  '--similarity-threshold 3' '--hash-methods dhash' '--transforms none' \
  --no-verify --exit-code '--index flat'; do
  # shellcheck disable=SC2086
  exits 2 vam-analyze catalog $option 2>&1
  # shellcheck disable=SC2086
  vam-analyze -q catalog --detect-duplicates $option >/dev/null
  # shellcheck disable=SC2086
  vam-analyze -q photos $option >/dev/null
done
