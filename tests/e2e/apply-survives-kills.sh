# Killed with any call that changes files, journal and disk agree: --undo puts
# everything back as it was, also when it is killed itself.
. "$(dirname -- "$2")/disturb.sh"
copies one two
survives_kills '--move-to aside' 12
survives_kills --trash 12
survives_kills --hardlink 12
