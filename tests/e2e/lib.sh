# What the end-to-end tests share. Run by run.sh, with bash -euo pipefail.

# Where the quick form keeps its catalog.
database=$XDG_DATA_HOME/vam/catalog.sqlite

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

skip() {
  printf 'skipped: %s\n' "$*" >&2
  exit 77
}

# photo FILE SEED [OPTION...]: writes a picture with a fixed time; the options
# are those of make_picture.
photo() {
  mkdir -p -- "$(dirname -- "$1")"
  make_picture "$1" --seed "$2" "${@:3}"
  touch -d 2024-01-01T00:00:00Z -- "$1"
}

# report ARGUMENT...: runs vam-analyze into report.json.
report() {
  vam-analyze --json "$@" >report.json
}

# report_corpus: report of the photos with ground truth, in $corpus.
report_corpus() {
  [ -f "${VAM_CORPUS:-}/truth.json" ] || skip 'no corpus'
  corpus=$(realpath -- "$VAM_CORPUS")
  report "$corpus" 2>/dev/null
  expect '.stats | .files_seen ==
    .files_hashed + .files_unchanged + .files_failed + .files_skipped
    and .group_count > 0'
}

# expect FILTER: a jq filter that must be true of report.json.
expect() {
  jq -e "$1" report.json >/dev/null || {
    jq . report.json >&2
    fail "not true: $1"
  }
}

# expect_groups 'FILE FILE...'...: the groups in report.json, their files below
# photos/, all sorted.
expect_groups() {
  jq -r --arg root "$PWD/photos/" \
    '.groups[] | [.files[].path | ltrimstr($root)] | sort | join(" ")' \
    report.json | sort >groups
  [ $# -eq 0 ] || printf '%s\n' "$@" | diff -u - groups >&2 ||
    fail 'these are not the groups'
  [ $# -gt 0 ] || [ ! -s groups ] || fail "there are groups: $(cat groups)"
}

# expect_error FILE CODE: report.json holds just this error of photos/FILE.
expect_error() {
  expect "[.errors[] | select(.path == \"$PWD/photos/$1\") | .code] == [\"$2\"]"
}

# exits STATUS COMMAND...
exits() {
  local status=0
  "${@:2}" || status=$?
  [ "$status" -eq "$1" ] || fail "exit status $status of: ${*:2}"
}

# same FILE FILE
same() {
  diff -u -- "$@" >&2 || fail "$1 and $2 differ"
}

# stable FILE: a JSON report without what may differ between equal runs.
stable() {
  jq 'del(.timestamp, .command, .stats.timings)' "$1"
}

# result FILE: a JSON report without how much work it took, and where it is
# kept.
result() {
  stable "$1" | jq 'del(.catalog, .stats.files_hashed, .stats.files_unchanged,
    .stats.pictures_decoded, .stats.bytes_read)'
}

# query SQL [DATABASE]
query() {
  sqlite3 -readonly "${2:-$database}" "$1"
}

# damage TABLE: blanks a page of rows of this table in the default catalog.
damage() {
  local page
  page=$(query "SELECT max(pageno) FROM dbstat
    WHERE name = '$1' AND pagetype = 'leaf'") || skip 'sqlite3 without dbstat'
  dd if=/dev/zero of="$database" bs=4096 seek=$((page - 1)) count=1 \
    conv=notrunc status=none
}

# wait_until COMMAND...: for up to a minute.
wait_until() {
  local i
  for ((i = 0; i < 1200; ++i)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.05
  done
  fail "waited in vain for: $*"
}

# many_photos: 1,000 in photos/, with copies of some. Their paths are long, see
# start_stuck.
many_photos() {
  many=photos/$(printf '%0100d' 0)
  mkdir -p "$many" photos/smaller
  make_picture "$many" --seed 1 --count 1000 --size 64x48
  make_picture photos/smaller --seed 1 --count 20 --size 48x36
  cp "$many"/000*.jpg photos
}

# start_stuck ARGUMENT...: starts vam-analyze in the background, as $stuck, and
# returns when it has begun to fill the default catalog. It cannot end before
# `unstick` is called, since it talks a lot into a pipe that nobody reads; what
# it says is then in stuck.log, its output in stuck.out.
start_stuck() {
  mkfifo stuck.fifo
  exec {stuck_pipe}<>stuck.fifo
  vam-analyze -vv "$@" >stuck.out 2>stuck.fifo {stuck_pipe}<&- &
  stuck=$!
  wait_until has_files
}

has_files() {
  [ "$(query 'SELECT count(*) FROM file')" -gt 0 ]
}

unstick() {
  cat <stuck.fifo >stuck.log {stuck_pipe}<&- &
  exec {stuck_pipe}<&-
}

# as_user COMMAND...: without the rights of root.
as_user() {
  if [ "$(id -u)" -ne 0 ]; then
    "$@"
  else
    setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
  fi
}

# need_user: hands all that is here to the user of as_user, or skips the test.
need_user() {
  chown -R "$(as_user id -u)" . || skip 'cannot give files away'
  as_user vam-analyze --version >/dev/null || skip 'cannot become another user'
}

# start_postgres: a server of its own, with a socket in this folder and nowhere
# else; $server is the address of an empty catalog. It may be started again
# after end_postgres.
start_postgres() {
  vam-analyze --version | grep -q '^  postgresql *built' ||
    skip 'this build has no PostgreSQL'
  postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  [ -x "$postgres_bin/initdb" ] || skip 'no PostgreSQL server'
  if [ ! -d server ]; then
    mkdir server
    chown "$(as_user id -u)" server || skip 'cannot give files away'
    as_user "$postgres_bin/initdb" -D server/data -A trust -U vam -E UTF8 \
      --locale C --no-sync --no-instructions >/dev/null
    server="postgresql:///postgres?host=$PWD/server&user=vam"
  fi
  as_user "$postgres_bin/postgres" -D "$PWD/server/data" -k "$PWD/server" \
    -c listen_addresses= -c fsync=off "$@" >>server.log 2>&1 &
  wait_until "$postgres_bin/pg_isready" -q -h "$PWD/server"
  postgres=$(head -1 server/data/postmaster.pid)
}

# end_postgres SIGNAL: INT lets it end orderly, QUIT is as if power had failed.
end_postgres() {
  [ -n "${postgres:-}" ] || return 0
  kill "-$1" "$postgres" || return 0
  while kill -0 "$postgres"; do sleep 0.05; done
} 2>/dev/null

# sql STATEMENT: what the server answers.
sql() {
  "$postgres_bin/psql" -qAt "$server" -c "$1"
}

# What follows is for runs that share their work on the server. The script tells
# how one is started (worker NAME), whether so much is done (is_done COUNT), what
# its report has to be (same_as_alone NAME), when trouble may begin (have_begun),
# and what is to be done when it is over (calm).

# at COUNT: waits until so much is done, and for up to a fifth of a second.
at() {
  wait_until is_done "$1"
  sleep "0.$(printf '%03d' $((RANDOM % 200)))"
}

# below LIMIT: sets $random to a number from 0 up to it.
below() {
  random=$((RANDOM % $1))
}

# ended PROCESS NAME: with status 0.
ended() {
  wait "$1" || fail "$2: $(cat "$2.log")"
}

# share_in_trouble LEAST FIRST NEXT: four runs, of which one is killed and one
# stopped past its lease, while the server crashes; in any order, from when
# LEAST and fewer than FIRST more are done, each fewer than NEXT later. All that
# are left report what they should; $killed_with tells how the first one ended.
share_in_trouble() {
  local orders=('kill stop crash' 'kill crash stop' 'stop kill crash'
    'stop crash kill' 'crash kill stop' 'crash stop kill')
  local killed stopped first second name trouble moment
  worker killed
  killed=$!
  worker stopped
  stopped=$!
  worker first
  first=$!
  worker second
  second=$!
  wait_until have_begun
  below "$2"
  moment=$(($1 + random))
  for trouble in ${orders[RANDOM % ${#orders[@]}]}; do
    at "$moment"
    case $trouble in
      kill) kill -KILL $killed 2>/dev/null || true ;;
      stop) kill -STOP $stopped 2>/dev/null || true ;;
      crash)
        end_postgres QUIT
        start_postgres
        ;;
    esac
    below "$3"
    moment=$((moment + random))
  done
  calm
  killed_with=0
  { wait $killed; } 2>/dev/null || killed_with=$?
  ended $first first
  ended $second second
  kill -CONT $stopped 2>/dev/null || true
  ended $stopped stopped
  for name in first second stopped; do same_as_alone $name; done
  case $killed_with in
    0) same_as_alone killed ;;
    137) ;;
    *) fail "killed: $(cat killed.log)" ;;
  esac
}

# One that is stopped hears it when it goes on.
trap '{ end_postgres INT; jobs -p | xargs -r kill
  jobs -p | xargs -r kill -CONT; } 2>/dev/null || true' EXIT
set -E
trap 'printf "FAILED: line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
