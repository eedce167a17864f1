# Paths of photos are nobody else's business.
photo photos/a.jpg 1
report new/catalog -s photos
stat -c '%a %n' new new/catalog new/catalog/*
