# Wrong usage ends with 2, one line of message, and no catalog.
photo photos/a.jpg 1
for arguments in '' '--no-such-option photos' '-f xml photos' '-f' \
  '--similarity-threshold 65 photos' '--similarity-threshold 010x photos' \
  '--hash-methods dhash,phash photos' '-w -1 photos' '-w 9999 photos' \
  '--min-size 2K --max-size 1K photos' '--memory-limit much photos' \
  '--json --print0 photos' '-q -v photos' 'catalog photos -s photos' \
  '--progress sometimes photos' '--strict=yes photos'; do
  # shellcheck disable=SC2086
  exits 2 vam-analyze $arguments >out 2>err
  [ ! -s out ] || fail "output of: $arguments"
  [ "$(wc -l <err)" -eq 1 ] || fail "not one line: $(cat err)"
  cat err
done
[ ! -e data ] && [ ! -e catalog ] || fail 'a catalog was made'
