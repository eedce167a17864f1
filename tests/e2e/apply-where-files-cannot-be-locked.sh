# Not all file systems can lock (NFS without its lock service): photos are moved
# all the same, for each is looked at again; but a journal that two could write
# is not used.
. "$(dirname -- "$2")/disturb.sh"
copies one
ENOLCK=37 EOPNOTSUPP=95 EBADF=9 EWOULDBLOCK=11
# locks ERRNO WHERE COMMAND...: where locking fails so.
locks() { FAIL_FLOCK=$1 FAIL_FLOCK_OF=$2 LD_PRELOAD=$preload "${@:3}" 2>&1; }
apply() { vam-apply report.json "$@" --yes -q --journal journal; }
undo() { vam-apply --undo journal --yes -q --strict; }

for error in $ENOLCK $EOPNOTSUPP $EBADF; do
  for action in '--move-to aside' --trash --hardlink; do
    begin
    # shellcheck disable=SC2086
    locks $error /photos apply $action --strict
    [ "$(find photos -name '*.jpg' -links 1 | wc -l)" -lt 2 ] ||
      fail "$action did nothing"
    locks $error /photos undo
    is_as_before "$action with $error"
  done
done

# Another program has it.
begin
exits 3 locks $EWOULDBLOCK /one.jpg vam-apply report.json --trash --yes \
  --strict --journal journal

for error in $ENOLCK $EOPNOTSUPP; do
  begin
  exits 1 locks $error /journal apply --move-to aside
  [ ! -e journal ]
  is_as_before "journal with $error"
  apply --move-to aside 2>/dev/null
  exits 1 locks $error /journal undo
  [ ! -e photos/one.jpg ]
done
