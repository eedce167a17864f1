# The threshold decides how far similar pictures may be apart.
photo photos/a.jpg 7
photo photos/a-worse.jpg 7 --size 60x45 --quality 8
photo photos/b.jpg 8
report --similarity-threshold 0 photos
expect_groups
report --similarity-threshold 10 photos
expect_groups 'a-worse.jpg a.jpg'
expect '.groups[0].files[1].distance.dhash > 0'
report --similarity-threshold 64 photos
expect_groups 'a-worse.jpg a.jpg b.jpg'
