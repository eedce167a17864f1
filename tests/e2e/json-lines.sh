# JSON lines: a header, then one line for each group and each error.
photo photos/a.jpg 1
cp -a photos/a.jpg photos/b.jpg
photo photos/c.jpg 2
cp -a photos/c.jpg photos/d.jpg
echo 'no picture' >photos/broken.jpg
vam-analyze -f jsonl photos |
  jq -c 'if .type == "header" then keys else . end'
