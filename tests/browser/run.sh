#!/usr/bin/env bash
# Runs a browser test: tests/browser/run.sh TEST.mjs
#
# In an empty folder of its own, with vam-analyze and make_picture of $VAM_BUILD
# (default: build/dev). Ends with 77 (skipped) where there is no Node.js, no
# Chromium, or no playwright-core in $VAM_BROWSER_MODULES, into which
# .ci/run installs it; nothing is downloaded here.
set -euo pipefail

script=$(realpath -- "$1")
root=$(realpath -- "$(dirname -- "$script")/../..")
build=$(realpath -- "${VAM_BUILD:-$root/build/dev}")
export VAM_BROWSER_MODULES=${VAM_BROWSER_MODULES:-$root/build/browser}
export VAM_CHROMIUM=${VAM_CHROMIUM:-/usr/bin/chromium}

skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 77
}
command -v node >/dev/null || skip 'no node'
[ -x "$VAM_CHROMIUM" ] || skip "no $VAM_CHROMIUM"
[ -d "$VAM_BROWSER_MODULES/node_modules/playwright-core" ] ||
  skip "no playwright-core in $VAM_BROWSER_MODULES"

temporary=$(realpath -- "$(mktemp -d)")
trap 'rm -rf -- "$temporary"' EXIT
cd "$temporary"
export PATH="$build:$build/tests:$PATH"
export LC_ALL=C.UTF-8 TZ=UTC HOME="$PWD" XDG_DATA_HOME="$PWD/data"
node "$script"
