# The process that has decoded 607.png dies of whatever comes next: another one
# has to look before that is believed.
photo photos/607.png 1 --size 607x80
photo photos/8.png 2
photo photos/9.png 3
LD_PRELOAD=$(command -v dying_decoder.so) report -w 1 photos
expect '.errors == [] and .stats.files_hashed == 3'
