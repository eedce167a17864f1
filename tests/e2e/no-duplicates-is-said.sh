# A tree without duplicates says so.
photo photos/a.jpg 1
vam-analyze photos
