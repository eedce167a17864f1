# The quick form prints, as text, what belongs together and what it adds up to.
photo photos/beach.jpg 1
photo photos/party.jpg 2
photo photos/small.jpg 1 --size 80x60
cp -a photos/beach.jpg photos/beach-copy.jpg
echo 'no picture' >photos/broken.jpg
echo 'no picture' >photos/notes.txt
vam-analyze photos
