# Else the next run would take it for unchanged, and good.
photo photos/a.jpg 1
photo photos/b.jpg 2
need_user
run() {
  as_user vam-analyze catalog -s photos --json "$@" >report.json 2>/dev/null
}
run
as_user chmod 000 photos/a.jpg
run --verify-digests
expect_error a.jpg unreadable
as_user chmod 644 photos/a.jpg
run
expect '.stats | .files_hashed == 1 and .files_unchanged == 1'
