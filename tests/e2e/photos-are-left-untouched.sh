# Nothing about a photo changes: bytes, times, mode, names.
photo photos/a.jpg 1
photo photos/b.png 1
cp photos/a.jpg photos/copy.jpg
head -c 2000 photos/a.jpg >photos/broken.jpg
chmod 444 photos/a.jpg
state() {
  find photos -printf '%p %i %s %m %T@ %C@\n' | sort
  find photos -type f -exec sha256sum {} + | sort
}
state >before
report photos
report --recompute-hashes --prune photos
report --clear photos
state >after
same before after
