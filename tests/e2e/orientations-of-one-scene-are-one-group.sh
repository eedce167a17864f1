# A picture that is stored turned looks the same as one that is not.
for orientation in 1 2 3 4 5 6 7 8; do
  photo photos/$orientation.jpg 1 --orientation $orientation
  photo photos/$orientation.png 1 --orientation $orientation
done
report photos
expect_groups "$(cd photos && echo *)"
expect '[.groups[0].files[] | .width == 160 and .height == 120] | all'
expect '[.groups[0].files[].orientation] | unique == [range(1; 9)]'
