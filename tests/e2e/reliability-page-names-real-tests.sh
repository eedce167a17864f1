# docs/reliability.md names tests that exist, and no promise is without one.
root=$(dirname -- "$2")/../..
page=$root/docs/reliability.md
grep -oE '[a-zA-Z0-9_*-]+\.(sh|cpp)' "$page" | sort -u >named
[ "$(wc -l <named)" -gt 40 ] || fail 'these cannot be all'
while read -r name; do
  [ -n "$(find "$root/tests" -name "$name")" ] || fail "there is no test $name"
done <named
! grep -E '^\| ' "$page" | grep -vE '\.(sh|cpp)|^\| (Promise|Fuzz target)' ||
  fail 'these name no test'
