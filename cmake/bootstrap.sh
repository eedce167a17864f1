#!/bin/sh
# Takes a bare Debian 12 machine to a running vam-analyze.
#
#   sh cmake/bootstrap.sh run FOLDER...   print the duplicates in these folders
#   sh cmake/bootstrap.sh test            build with warnings as errors, test
#   sh cmake/bootstrap.sh build           build vam-analyze and vam-apply, in
#                                         build/release
#   sh cmake/bootstrap.sh deps            install the packages for all of that
#
# Each verb does what it needs of the others first. Packages are installed as
# root; without root, missing ones are named. stdout belongs to the program.
set -eu

source_folder=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

build_packages='g++ cmake ninja-build pkg-config libfaiss-dev libblas-dev
  liblapack-dev libjpeg62-turbo-dev libpng-dev libexif-dev libexpat1-dev
  libcli11-dev libspdlog-dev libsqlite3-dev libsqlitecpp-dev
  nlohmann-json3-dev libxxhash-dev libexpected-dev libwebp-dev libheif-dev
  libjxl-dev libtiff-dev libgif-dev libraw-dev libpq-dev dpkg-dev file'
test_packages='catch2 jq libimage-exiftool-perl rclone sqlite3 tmux
  postgresql-15'

say() { printf '%s\n' "$*" >&2; }

# Prints those of the packages that are not installed.
missing_of() {
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null |
      grep -qx installed || printf '%s ' "$package"
  done
}

install_packages() {
  missing=$(missing_of "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    say "Missing packages: $missing"
    say "Install them as root: apt-get install $missing"
    exit 1
  fi
  say "Installing $missing"
  # Unquoted: a list of words.
  # shellcheck disable=SC2086
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends $missing; } >&2
}

# build PRESET [CMAKE-OPTION...]; says nothing when there is nothing to do.
build() {
  cd "$source_folder"
  preset=$1
  log=build/$preset.log
  mkdir -p build
  [ -f "build/$preset/vam-analyze" ] ||
    say "Building in $source_folder/build/$preset, a few minutes"
  if ! { cmake --preset "$@" && cmake --build --preset "$preset"; } \
    >"$log" 2>&1
  then
    cat "$log" >&2
    say "The build failed; its output is above and in $source_folder/$log"
    exit 1
  fi
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
deps)
  # shellcheck disable=SC2086
  install_packages $build_packages $test_packages
  ;;
build)
  # shellcheck disable=SC2086
  install_packages $build_packages
  (build release -D BUILD_TESTING=OFF)
  say "Built vam-analyze and vam-apply in $source_folder/build/release"
  ;;
run)
  # shellcheck disable=SC2086
  install_packages $build_packages
  (build release -D BUILD_TESTING=OFF)
  exec "$source_folder/build/release/vam-analyze" "$@"
  ;;
test)
  # shellcheck disable=SC2086
  install_packages $build_packages $test_packages
  (build dev)
  cd "$source_folder"
  exec ctest --preset dev -j "$(nproc)" "$@"
  ;;
*)
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
