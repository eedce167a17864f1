# Others save, move and delete at any moment, and any call can fail: what they
# saved is there, a picture stays, and --undo takes back the rest.
. "$(dirname -- "$2")/disturb.sh"
copies one
loses_nothing_to_others '--move-to aside' 9
loses_nothing_to_others --trash 9
loses_nothing_to_others --hardlink 9
