#!/usr/bin/env bash
# Runs an end-to-end test: tests/e2e/run.sh SCRIPT
#
# The script runs in an empty folder of its own, with the functions of lib.sh
# and with vam-analyze and make_picture of $VAM_BUILD (default: build/dev). It
# must end with 0 (77: skipped), and print what the .golden file beside it
# holds, or nothing where there is none. Its folder is called @ there.
# UPDATE_GOLDEN=1 takes what it prints for the golden file.
set -euo pipefail

script=$(realpath -- "$1")
here=$(dirname -- "$script")
golden=${script%.sh}.golden
build=$(realpath -- "${VAM_BUILD:-$here/../../build/dev}")

temporary=$(realpath -- "$(mktemp -d)")
remove_temporary() {
  chmod -R u+rwX -- "$temporary"
  rm -rf -- "$temporary"
}
trap remove_temporary EXIT
chmod 755 "$temporary"  # some tests give up root's rights
mkdir -p "$temporary/work/home"
cd "$temporary/work"

export PATH="$build:$build/tests:$PATH"
export LC_ALL=C.UTF-8 TZ=UTC HOME="$PWD/home" XDG_DATA_HOME="$PWD/data"
unset NO_COLOR
umask 022

status=0
# shellcheck disable=SC2016
bash -euo pipefail -c '. "$1"; . "$2"' "$script" "$here/lib.sh" "$script" \
  </dev/null >../printed || status=$?
if [ "$status" -ne 0 ]; then
  cat ../printed
  exit "$status"
fi

sed "s|$PWD|@|g" ../printed >../normalised
if [ -n "${UPDATE_GOLDEN:-}" ]; then
  rm -f -- "$golden"
  [ ! -s ../normalised ] || cp ../normalised "$golden"
fi
[ -e "$golden" ] || golden=/dev/null
diff -u "$golden" ../normalised
