# A file that two mounts show, each with a number of its own, is not taken for
# a copy of itself.
photo disk/keep.jpg 1
mkdir -p upper work pool
unshare -m true 2>/dev/null || skip 'no mounts of its own'
cat >inside <<'END'
set -e
mount -t overlay none pool \
  -o "lowerdir=$PWD/disk,upperdir=$PWD/upper,workdir=$PWD/work" 2>/dev/null ||
  exit 77
[ "$(stat -c %d disk/keep.jpg)" != "$(stat -c %d pool/keep.jpg)" ] || exit 77
vam-analyze disk pool --json >report.json
vam-apply report.json --move-to aside --yes --journal journal
END
status=0
unshare -m bash inside >told || status=$?
[ $status -ne 77 ] || skip 'no overlay'
[ $status -eq 0 ] || fail "exit status $status"
grep -q 'refused .*: it may be its keeper by another name' told
[ -e disk/keep.jpg ]
