# Videos, documents and sidecars are skipped and counted as such: by content if
# they are named like a picture, else by their extension.
photo photos/a.jpg 1
printf '\0\0\0\030ftypmp42' >photos/film.jpg
printf '\0\0\0\024ftypqt  ' >photos/IMG_0002.HEIC
printf '%%PDF-1.7' >photos/scan.tif
echo >photos/film.MOV
echo >photos/a.xmp
echo >photos/Makefile
vam-analyze photos
report photos
expect '.stats.files_skipped == 6 and .stats.files_seen == 7'
expect '.stats.files_skipped_by_kind ==
  {video: 3, document: 1, sidecar: 1, other: 1}'
