# A run that is killed while it makes thumbnails leaves a page that the next run
# completes; two runs do not write one page.
mkdir photos
make_picture photos --seed 1 --count 300 --size 480x360
for file in photos/*.jpg; do cp "$file" "${file%.jpg}-copy.jpg"; done
vam-analyze -q photos >/dev/null
vam-analyze -q -w 1 photos --html page >/dev/null &
run=$!
trap 'kill -9 "$run" 2>/dev/null || true' EXIT  # also while it is stopped
some_thumbnails() { [ -n "$(ls page/.thumbs 2>/dev/null)" ]; }
wait_until some_thumbnails
kill -STOP "$run" 2>/dev/null || true
[ ! -e page/data.js ] || skip 'the run was too fast'
exits 1 vam-analyze -q cat -s photos --detect-duplicates --html page \
  >/dev/null 2>messages
grep -o 'another run is writing it' messages
kill -9 "$run" 2>/dev/null || true
wait "$run" || true
trap - EXIT
vam-analyze -q photos --html page >/dev/null
[ -e page/data.js ] || fail 'no page'
[ "$(ls page/.thumbs | wc -l)" -eq 300 ] || fail '300 thumbnails expected'
find page -name '.vam-page-*' | diff /dev/null - || fail 'leftovers'
