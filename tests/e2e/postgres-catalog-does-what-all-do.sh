# The tests of all backends, and those of work that is shared, on a server.
start_postgres
VAM_TEST_SERVER=$server vam_unit_tests '[server]' >tests.log ||
  { cat tests.log >&2; fail 'tests of the catalog'; }
grep -q 'assertions in' tests.log || fail 'nothing was tested'
