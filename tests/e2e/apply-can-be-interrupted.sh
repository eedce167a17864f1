# SIGINT ends after the current file with 130; what was done is in the journal
# and can be undone.
photo photos/keep.jpg 1
for ((i = 0; i < 300; ++i)); do cp -p photos/keep.jpg photos/$i.jpg; done
report photos --keep path:'keep*'
find photos -type f | sort >before
# It cannot end before: nobody reads what it tells, and there is room for a few
# lines only.
mkfifo pipe
exec {reader}<>pipe
for ((i = 0; i < 15; ++i)); do printf '%4000s' . >&$reader; done
vam-apply report.json --move-to aside --yes --journal journal >pipe 2>messages &
running=$!
wait_until grep -q '"n":2,"step":"done"' journal
kill -INT $running
cat <&$reader >/dev/null &
status=0
wait $running || status=$?
[ $status -eq 130 ] || fail "exit status $status"
cat messages
[ "$(grep -c '"begin"' journal)" -eq "$(grep -c '"done"' journal)" ]
[ "$(find photos -name '*.jpg' | wc -l)" -gt 100 ] || fail 'it went on'
[ -n "$(find aside -name '*.jpg')" ]
vam-apply --undo journal --yes -q --strict
find photos -type f | sort >after
same before after
