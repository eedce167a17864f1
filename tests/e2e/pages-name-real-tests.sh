# docs/reliability.md and docs/faq.md name tests that exist, and no promise and
# no answer is without one.
root=$(dirname -- "$2")/../..
promises=$root/docs/reliability.md
answers=$root/docs/faq.md
grep -ohE '[a-zA-Z0-9_*-]+\.(sh|cpp|mjs|cmake)' "$promises" "$answers" | sort -u >named
[ "$(wc -l <named)" -gt 40 ] || fail 'these cannot be all'
while read -r name; do
  [ -n "$(find "$root/tests" -name "$name")" ] || fail "there is no test $name"
done <named
! grep -E '^\| ' "$promises" | grep -vE '\.(sh|cpp|cmake)|^\| (Promise|Fuzz target)' ||
  fail 'these name no test'
awk 'BEGIN { RS = "" } /^\*\*/ && !/\[[^]]*\.sh\]/' "$answers" >unheld
[ ! -s unheld ] || fail "no test: $(cat unheld)"
