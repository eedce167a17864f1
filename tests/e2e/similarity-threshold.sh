# The threshold decides how far hashes may be apart: of pictures that are
# compared, or, with --no-verify, of similar ones.
photo photos/a.jpg 7
photo photos/a-worse.jpg 7 --size 60x45 --quality 20
photo photos/b.jpg 8
report --no-verify --similarity-threshold 0 photos
expect_groups
report --no-verify --similarity-threshold 10 photos
expect_groups 'a-worse.jpg a.jpg'
expect '.groups[0].files[1].distance.dhash > 0'
report --no-verify --similarity-threshold 64 photos
expect_groups 'a-worse.jpg a.jpg b.jpg'
report --similarity-threshold 64 photos
expect_groups 'a-worse.jpg a.jpg'
expect '.groups[0].files[1].similarity > 0.9'
