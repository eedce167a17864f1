# Other formats, sizes, qualities and exposures of a scene are one group.
photo photos/original.jpg 1 --size 320x240
photo photos/png.png 1 --size 320x240
photo photos/progressive.jpg 1 --size 320x240 --progressive
photo photos/quality.jpg 1 --size 320x240 --quality 40
photo photos/small.jpg 1 --size 160x120
photo photos/bright.jpg 1 --size 320x240 --brighten 20
photo photos/stranger.jpg 2 --size 320x240
report photos
expect_groups \
  'bright.jpg original.jpg png.png progressive.jpg quality.jpg small.jpg'
