# `ulimit -f` lets a worker share memory for small photos, but not for large
# ones. Its process would look at the photo before.
photo photos/1.jpg 1
photo photos/2.png 2 --size 3200x2400
photo photos/3.jpg 3
[ "$(stat -c %s photos/2.png)" -gt 1100000 ] || fail '2.png is too small'
hashes() {
  vam-analyze "$1" -s photos -w 1 >report.txt 2>&1
  query 'SELECT path, dhash, ahash, whash FROM photo ORDER BY path' \
    "$1/catalog.sqlite"
}
hashes free >expected
[ "$(wc -l <expected)" -eq 3 ] || fail "$(cat expected)"
(ulimit -f 1500; hashes limited) >got
same expected got
