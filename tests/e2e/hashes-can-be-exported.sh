# As a table and as raw values, from a catalog that nothing else is done to.
photo photos/a.jpg 1
photo photos/b.jpg 2
cp photos/a.jpg 'photos/copy, of "a".jpg'
head -c 900 photos/a.jpg >photos/broken.jpg
vam-analyze cat -s photos -q >/dev/null
rm photos/b.jpg

vam-analyze cat --export-hashes hashes.csv 2>&1
tr -d '\r' <hashes.csv | sed "s|$PWD/||; s/,-\?[0-9]*,-\?[0-9]*,-\?[0-9]*$/,.../"
for column in 1 2 3; do
  kind=$(head -1 hashes.csv | tr -d '\r' | cut -d , -f $((2 + column)))
  tail -n +2 hashes.csv | tr -d '\r' |
    awk -F , -v at=$((3 - column)) '{ print $(NF - 3), $(NF - at) }' | sort -u |
    cut -d ' ' -f 2 | same - <(od -An -v -t d8 -w8 "hashes.csv.$kind" | tr -d ' ')
done
query "SELECT count(*) FROM picture WHERE dhash IS NOT NULL" cat/catalog.sqlite
exits 2 vam-analyze cat -s photos --export-hashes hashes.csv 2>&1
exits 1 vam-analyze nowhere --export-hashes hashes.csv 2>&1
exits 1 vam-analyze cat --export-hashes missing/hashes.csv 2>&1
