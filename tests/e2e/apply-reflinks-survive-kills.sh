# The same with reflinks: killed or disturbed with any call, --undo puts
# everything back, and nothing that somebody saved is lost.
. "$(dirname -- "$2")/disturb.sh"
need_reflinks "$2"
copies one two
survives_kills --reflink 9
rm -r original
copies one
loses_nothing_to_others --reflink 6
