# Also if the run is killed while a decoder waits for ever.
photo photos/604.png 1 --size 604x80
DYING_DECODER_MARK=$PWD/mark LD_PRELOAD=$(command -v dying_decoder.so) \
  vam-analyze photos --file-timeout 0 >report.txt &
run=$!
wait_until test -e mark
decoder=$(pgrep -P "$run")
kill -9 "$run"
# Where nobody waits for it, it remains as a zombie.
gone() { [[ $(ps -o stat= -p "$decoder") =~ ^(Z.*)?$ ]]; }
wait_until gone
