# dying_decoder.cpp takes 2 GiB for pictures of these widths; libraries throw, or
# end the process, where they do not get them.
! grep -q -a '__[at]san_init' "$(command -v vam-analyze)" ||
  skip 'sanitizers need more memory than there would be'
photo photos/608.png 1 --size 608x80
photo photos/609.png 2 --size 609x80
for seed in 3 4 5 6; do
  photo photos/$seed.png $seed
done
LD_PRELOAD=$(command -v dying_decoder.so) report -w 2 photos 2>/dev/null
jq -r --arg root "$PWD/photos/" \
  '.errors[] | "\(.path | ltrimstr($root)) \(.code) \(.message)"' report.json
expect '.stats | .files_seen == 6 and .files_failed == 2 and .files_hashed == 4'
