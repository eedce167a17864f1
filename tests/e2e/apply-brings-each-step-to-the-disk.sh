# What a power cut leaves: the journal's line is on disk before the action that
# it announces begins, and what the action did before the line that it is done.
. "$(dirname -- "$2")/disturb.sh"
copies one
# log COMMAND...: the calls that change files, in their order.
log() {
  rm -f log
  LD_PRELOAD=$preload LOG_WRITES_IN=$PWD/log "$@"
  sed -E "s|aside$PWD|aside/@|; s|$PWD/||g; s|$PWD|.|g
    s/-[0-9a-f]{16}-/-RUN-/g" log
}
for action in '--move-to aside' --trash --hardlink; do
  begin
  mkdir -p "aside$PWD"
  echo "$action:"
  # shellcheck disable=SC2086
  log vam-apply report.json $action --yes -q --journal "$PWD/journal"
  echo "undoing it:"
  log vam-apply --undo journal --yes -q
done
