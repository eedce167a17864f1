# What the tests share that disturb vam-apply.

preload=$(dirname "$(command -v make_picture)")/kill_at_write.so
trash=$XDG_DATA_HOME/Trash
# Most of the time of a short run would go into the search for leaks; counted
# and failing runs are searched.
without_leaks=ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# copies NAME...: begins with photos/a.jpg and copies NAME.jpg of it, each with
# a time of its own; report.json is the plan.
copies() {
  local name
  photo original/a.jpg 1
  for name in "$@"; do
    cp --reflink=never original/a.jpg "original/$name.jpg"
    touch -d 2020-02-0${#name}T03:04:05.123456789Z "original/$name.jpg"
  done
  begin
  report photos --keep path:'a*'
  tree >before
}

# begin: all as in the beginning.
begin() {
  rm -rf photos aside gone journal saved "$trash"
  cp -rp --reflink=never original photos
  mkdir gone
}

tree() {
  (cd photos && find . -printf '%p %y %m %s %T@ %n\n' | grep -v '^\. ' | sort &&
    cat ./*.jpg | sha256sum)
}

# is_as_before WHEN: nothing is lost, and nothing left lying about.
is_as_before() {
  tree >after
  diff -u before after >&2 || fail "$1"
  [ ! -d "$trash" ] || [ -z "$(find "$trash" -type f)" ] ||
    fail "$1: left in the trash"
}

# has_journal: its first line is whole; before that, it says of nothing.
has_journal() {
  [ "$(head -n 1 journal 2>/dev/null | wc -l)" -gt 0 ]
}

# count COMMAND...: how many calls change files.
count() {
  LD_PRELOAD=$preload COUNT_WRITES_IN=$PWD/count "$@" >told
  cat count
}

# killed N COMMAND...
killed() {
  exits 137 env KILL_AT_WRITE="$1" LD_PRELOAD="$preload" \
    "${@:2}" 2>/dev/null
}

# is_turn: of so many rounds that are alike, one is run; see CMakeLists.txt.
turn=0
is_turn() {
  turn=$(((turn + 1) % ${VAM_ONE_ROUND_OF:-1}))
  [ $turn -eq 0 ]
}

# quick COMMAND...: waits for no disk.
quick() {
  env "$without_leaks" LD_PRELOAD="$preload" "$@"
}

# disturbed VARIABLE=VALUE... COMMAND...: as preloaded.
disturbed() {
  preloaded "$without_leaks" "$@"
}

# preloaded VARIABLE=VALUE... COMMAND...: whatever it ends with, but a crash.
preloaded() {
  local status=0
  env LD_PRELOAD="$preload" "$@" >told 2>&1 || status=$?
  [ $status -le 3 ] || [ $status -eq 137 ] || fail "exit status $status of: $*"
}

# survives_kills ACTION WRITES: killed with any call that changes files, of
# which there are so many or more, --undo puts everything back as it was, also
# when it is killed itself.
survives_kills() {
  local n writes undos found
  # shellcheck disable=SC2206
  local command=(vam-apply report.json $1 --yes -q --journal journal)
  local back=(vam-apply --undo journal --yes --strict -q)
  begin
  writes=$(count "${command[@]}")
  [ "$writes" -ge "$2" ] || fail "only $writes changes"
  undos=$(count "${back[@]}")
  is_as_before "$1, not killed"
  for ((n = 1; n <= writes; ++n)); do
    is_turn || continue
    begin
    killed $n "${command[@]}"
    # No picture is missing, wherever it is now.
    mkdir -p aside "$trash"
    found=$(find photos aside "$trash" -name '*.jpg' | wc -l)
    [ "$found" -eq 3 ] || fail "$1 killed at $n: $found pictures"
    ! has_journal || quick "${back[@]}"
    is_as_before "$1 killed at $n"
  done
  for ((n = 1; n <= undos; ++n)); do
    is_turn || continue
    begin
    quick "${command[@]}"
    killed $n "${back[@]}"
    quick "${back[@]}"
    is_as_before "undoing $1 killed at $n"
  done
}

# loses_nothing_to_others ACTION WRITES: whatever others save, move or delete at
# any of the calls, and whichever fails, what they saved is there, a picture
# stays, and --undo takes back the rest.
loses_nothing_to_others() {
  local n writes undos
  # shellcheck disable=SC2206
  local command=(vam-apply report.json $1 --yes -q --journal journal)
  local back=(vam-apply --undo journal --yes)
  # A new version under the old name, as most programs save.
  local save='echo $$ >saved; cat original/a.jpg saved >photos/.new
    mv photos/.new photos/one.jpg'
  is_saved() {
    grep -qaF "$(cat saved)" photos/one.jpg || fail "not there: saved at $1"
  }
  # Another run takes the keeper for a copy that is still there.
  local take='[ "$(ls photos/*.jpg | wc -l)" -lt 2 ] || [ ! -e photos/a.jpg ] ||
    mv photos/a.jpg gone'
  undo() {
    ! has_journal || quick "${back[@]}" >told
  }
  begin
  writes=$(count "${command[@]}")
  [ "$writes" -ge "$2" ] || fail "only $writes changes"
  undos=$(count "${back[@]}")
  for ((n = 1; n <= writes; ++n)); do
    if is_turn; then
      begin
      disturbed KILL_AT_WRITE=$n "${command[@]}"
      bash -c "$save"
      undo
      is_saved "$n of $1, after a kill"
      [ -e photos/a.jpg ] || fail "$1 killed at $n: no keeper"
    fi
    if is_turn; then
      begin
      disturbed RUN_AT_WRITE=$n RUN="$save" "${command[@]}"
      is_saved "$n of $1"
      undo
      is_saved "$n of $1, undone"
    fi
    if is_turn; then
      begin
      disturbed RUN_FROM_WRITE=$n RUN="$save" "${command[@]}"
      grep -rqaF "$(cat saved)" photos || fail "$1 lost what was saved at $n"
    fi
    if is_turn; then
      begin
      disturbed RUN_AT_WRITE=$n RUN="$take" "${command[@]}"
      ls photos/*.jpg >/dev/null || fail "$1 took the last at $n"
    fi
    if is_turn; then
      begin
      preloaded FAIL_AT_WRITE=$n "${command[@]}"
      undo
      is_as_before "$n of $1 failed"
    fi
  done
  for ((n = 1; n <= undos; ++n)); do
    if is_turn; then
      begin
      quick "${command[@]}"
      preloaded FAIL_AT_WRITE=$n "${back[@]}"
      undo
      is_as_before "$n of undoing $1 failed"
    fi
    if is_turn; then
      begin
      quick "${command[@]}"
      disturbed RUN_AT_WRITE=$n RUN="$save" "${back[@]}"
      is_saved "$n of undoing $1"
    fi
  done
}

# need_reflinks SCRIPT: runs the script, which is this one, with btrfs and then
# with XFS in the current folder, each new, and gone with it ($file_system).
# Skips it where none can be had.
need_reflinks() {
  [ -z "${file_system:-}" ] || return 0
  [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null ||
    skip 'no mounts of its own'
  local made=0 status
  for file_system in btrfs xfs; do
    mkdir "$file_system"
    truncate -s 400M "$file_system.img"
    PATH=$PATH:/usr/sbin:/sbin "mkfs.$file_system" -q "$file_system.img" \
      >/dev/null 2>&1 || continue
    status=0
    export file_system
    # shellcheck disable=SC2016
    unshare -m bash -euo pipefail -c '
      mount -o loop "$file_system.img" "$file_system" || exit 77
      cd "$file_system"
      . "$1"
      . "$2"' "$1" "${BASH_SOURCE[0]%/*}/lib.sh" "$1" || status=$?
    [ $status -eq 77 ] || made=$((made + 1))
    [ $status -eq 77 ] || [ $status -eq 0 ] ||
      fail "exit status $status on $file_system"
    rm "$file_system.img"
  done
  [ $made -gt 0 ] || skip 'no file system with reflinks can be made and mounted'
  exit 0
}
