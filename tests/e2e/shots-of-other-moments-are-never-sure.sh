# What one camera took at different moments is similar at most: never in -0.
shot() {
  photo "photos/$1.jpg" 1 --size 320x240 --quality "$2" --make Make \
    --taken-at "2024:07:14 $3"
}
shot first 90 10:11:12
shot later 60 10:11:20
report photos
expect_groups 'first.jpg later.jpg'
expect '.groups[0].kind == "similar" and
  (.groups[0].files[1].differences | index("moment") != null)'
vam-analyze -0 photos

# One moment is one shot.
rm photos/later.jpg
shot copy 60 10:11:12
report photos
expect '.groups[0].kind == "same-image"'
