# The README's first screen is what the program prints.
photo Pictures/2023/IMG_4711.jpg 11 --size 1600x1200 --quality 92
photo Pictures/2023/IMG_4712.jpg 12 --size 1600x1200
photo Pictures/phone/IMG-WA0007.jpg 11 --size 800x600 --quality 60
photo Pictures/phone/cut.jpg 13 --size 800x600
truncate -s 20000 Pictures/phone/cut.jpg
cp Pictures/2023/IMG_4711.jpg 'Pictures/IMG_4711 (1).jpg'
vam-analyze Pictures 2>messages | sed "s|$PWD|/home/ana|" >shown
sed -n '/^    Same image:/,/^      similar /s/^    //p; /^      similar  *0$/q' \
  "$(dirname -- "$2")/../../README.md" >promised
# Lines that are empty in the README have no indentation.
sed -i '/^$/d' shown
same promised shown
