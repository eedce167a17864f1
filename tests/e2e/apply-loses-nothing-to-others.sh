# Others save, move and delete at any moment, and any call can fail: what they
# saved is there, a picture stays, and --undo takes back the rest.
preload=$(dirname "$(command -v make_picture)")/kill_at_write.so
photo original/a.jpg 1
cp original/a.jpg original/one.jpg
touch -d 2020-02-03T03:04:05.123456789Z original/one.jpg
cp -rp original photos
report photos --keep path:'a*'
tree() { (cd photos && find . -printf '%p %y %m %s %T@ %n\n' | grep -v '^\. ' |
  sort && cat ./*.jpg | sha256sum); }
trash=$XDG_DATA_HOME/Trash
tree >before
begin() {
  rm -rf photos aside gone journal saved "$trash"
  cp -rp original photos
  mkdir gone
}
# preloaded VARIABLE=VALUE... COMMAND...: whatever it ends with, but a crash.
preloaded() {
  local status=0
  env LD_PRELOAD="$preload" "$@" >told 2>&1 || status=$?
  [ $status -le 3 ] || [ $status -eq 137 ] || fail "exit status $status of: $*"
}
# undo: if the journal was begun.
undo() {
  [ "$(head -n 1 journal 2>/dev/null | wc -l)" -eq 0 ] ||
    vam-apply --undo journal --yes >told
}
is_as_before() {
  tree >after
  diff -u before after >&2 || fail "$1"
}
# A new version under the old name, as most programs save.
save='echo $$ >saved; cat original/a.jpg saved >photos/.new
  mv photos/.new photos/one.jpg'
is_saved() {
  grep -qaF "$(cat saved)" photos/one.jpg || fail "not there: saved at $1"
}
# Another run takes the keeper for a copy that is still there.
take='[ "$(ls photos/*.jpg | wc -l)" -lt 2 ] || [ ! -e photos/a.jpg ] ||
  mv photos/a.jpg gone'

for action in '--move-to aside' --trash --hardlink; do
  command=(vam-apply report.json $action --yes -q --journal journal)
  begin
  preloaded COUNT_WRITES_IN="$PWD/count" "${command[@]}"
  writes=$(cat count)
  [ "$writes" -ge 9 ] || fail "only $writes changes"
  preloaded COUNT_WRITES_IN="$PWD/count" vam-apply --undo journal --yes
  undos=$(cat count)
  for ((n = 1; n <= writes; ++n)); do
    begin
    preloaded KILL_AT_WRITE=$n "${command[@]}"
    bash -c "$save"
    undo
    is_saved "$n of $action, after a kill"
    [ -e photos/a.jpg ] || fail "$action killed at $n: no keeper"

    begin
    preloaded RUN_AT_WRITE=$n RUN="$save" "${command[@]}"
    is_saved "$n of $action"
    undo
    is_saved "$n of $action, undone"

    begin
    preloaded RUN_FROM_WRITE=$n RUN="$save" "${command[@]}"
    grep -rqaF "$(cat saved)" photos || fail "$action lost what was saved at $n"

    begin
    preloaded RUN_AT_WRITE=$n RUN="$take" "${command[@]}"
    ls photos/*.jpg >/dev/null || fail "$action took the last at $n"

    begin
    preloaded FAIL_AT_WRITE=$n "${command[@]}"
    undo
    is_as_before "$n of $action failed"
  done
  for ((n = 1; n <= undos; ++n)); do
    begin
    "${command[@]}"
    preloaded FAIL_AT_WRITE=$n vam-apply --undo journal --yes
    undo
    is_as_before "$n of undoing $action failed"

    begin
    "${command[@]}"
    preloaded RUN_AT_WRITE=$n RUN="$save" vam-apply --undo journal --yes
    is_saved "$n of undoing $action"
  done
done
