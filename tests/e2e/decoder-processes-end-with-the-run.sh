# Also if the run is killed, and a decoder would never end by itself.
photo photos/603.png 1 --size 603x80
LD_PRELOAD=$(command -v dying_decoder.so) \
  vam-analyze photos --file-timeout 1 >report.txt &
run=$!
decoder_of() { pgrep -P "$run" >decoder; }
wait_until decoder_of
decoder=$(cat decoder)
kill -9 "$run"
gone() { ! kill -0 "$decoder"; }
wait_until gone
