# --log-file takes all messages, with times, and is appended to.
photo photos/a.jpg 1
vam-analyze --log-file log photos 2>err >/dev/null
vam-analyze -q --log-file log photos >/dev/null
[ ! -s err ] || fail "$(cat err)"
grep -c hashing log
! grep -vE '^[0-9-]{10}T[0-9:.]{12} [a-z]+ ' log || fail 'not the form of a log'
exits 1 vam-analyze --log-file photos photos 2>&1
