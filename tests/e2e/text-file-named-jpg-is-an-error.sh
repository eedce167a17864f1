# What is named like a picture, but is none, is an error; an empty file, too.
mkdir photos
echo 'no picture' >photos/text.jpg
: >photos/empty.jpg
echo 'no picture' >photos/text.txt
vam-analyze photos
