# What is known to be rotten is so by every source that leads to it, and under
# every name that it is moved to.
photo photos/album/a.jpg 1
photo photos/b.jpg 2
rot() {
  printf rotten | dd of=photos/album/a.jpg bs=1 seek=500 conv=notrunc status=none
  touch -d 2024-01-01T00:00:00Z photos/album/a.jpg
}
codes() {
  vam-analyze --json "$@" >report.json 2>/dev/null
  jq -c '[.errors[] | [(.path | sub(".*/work/"; "")), .code]]' report.json
}

vam-analyze catalog -s photos >/dev/null
rot
codes catalog -s photos/album --verify-digests
codes catalog -s photos
codes catalog -s photos -s photos/album

mv photos moved
codes catalog -s moved --prune
cp -p moved/album/a.jpg moved/c.jpg
codes catalog -s moved
exits 1 vam-analyze catalog --mark-different moved/c.jpg moved/b.jpg 2>&1

# A copy that takes the place of what was there, with another inode.
cp -p moved/c.jpg copy
mv copy moved/c.jpg
codes catalog -s moved

touch moved/c.jpg
codes catalog -s moved
