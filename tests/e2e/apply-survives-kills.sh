# Killed with any call that changes files, journal and disk agree: --undo puts
# everything back as it was, also when it is killed itself.
preload=$(dirname "$(command -v make_picture)")/kill_at_write.so
photo original/a.jpg 1
for name in one two; do
  cp -p original/a.jpg "original/$name.jpg"
  touch -d 2020-02-0${#name}T03:04:05.123456789Z "original/$name.jpg"
done
cp -rp original photos
report photos --keep path:'a*'
tree() { (cd photos && find . -printf '%p %y %m %s %T@ %n\n' | grep -v '^\. ' |
  sort && cat ./*.jpg | sha256sum); }
trash=$XDG_DATA_HOME/Trash
tree >before
begin() {
  rm -rf photos aside journal "$trash"
  cp -rp original photos
}
apply() { vam-apply report.json "$@" --yes -q --journal journal; }
undo() { vam-apply --undo journal --yes --strict -q; }
# is_as_before WHEN: nothing is lost, and nothing left lying about.
is_as_before() {
  tree >after
  diff -u before after >&2 || fail "killed at $1"
  [ ! -d "$trash" ] || [ -z "$(find "$trash" -type f)" ] ||
    fail "killed at $1: left in the trash"
}
count() {
  LD_PRELOAD=$preload COUNT_WRITES_IN=$PWD/count "$@"
  cat count
}
# killed N COMMAND...
killed() {
  exits 137 env KILL_AT_WRITE="$1" LD_PRELOAD="$preload" \
    "${@:2}" 2>/dev/null
}

for action in '--move-to aside' --trash --hardlink; do
  command=(vam-apply report.json $action --yes -q --journal journal)
  back=(vam-apply --undo journal --yes --strict -q)
  begin
  writes=$(count "${command[@]}")
  [ "$writes" -ge 12 ] || fail "only $writes changes"
  undos=$(count "${back[@]}")
  is_as_before "no time"
  for ((n = 1; n <= writes; ++n)); do
    begin
    killed $n "${command[@]}"
    # No picture is missing, wherever it is now.
    mkdir -p aside "$trash"
    found=$(find photos aside "$trash" -name '*.jpg' | wc -l)
    [ "$found" -eq 3 ] || fail "$action killed at $n: $found pictures"
    # Before its first line is whole, a journal says of nothing.
    [ "$(head -n 1 journal 2>/dev/null | wc -l)" -eq 0 ] || "${back[@]}"
    is_as_before "$n of $action"
  done
  for ((n = 1; n <= undos; ++n)); do
    begin
    "${command[@]}"
    killed $n "${back[@]}"
    "${back[@]}"
    is_as_before "$n of undoing $action"
  done
done
