# Four runs search one catalog, one killed, one stopped past its lease, the
# server crashed in the middle: all that is left report what one alone reports
# with a catalog in a folder. One that is interrupted gives back what it has.
# VAM_ROUNDS and VAM_SEED ask for more of it and for other moments.
rounds=${VAM_ROUNDS:-1}
RANDOM=${VAM_SEED:-1}
start_postgres
mkdir -p photos/smaller
make_picture photos --seed 1 --count 1200 --size 160x120
make_picture photos/smaller --seed 1 --count 150 --size 120x90
for n in 1 2 3; do cp photos/000$n.jpg photos/smaller/copy$n.jpg; done
report ./alone -s photos --detect-duplicates 2>/dev/null
expect '.stats.group_count == 150'
result report.json >expected
vam-analyze "$server" -s album="$PWD/photos" --json 2>/dev/null >scanned.json

# worker NAME [LEASE]
worker() {
  vam-analyze "$server" -s album="$PWD/photos" --detect-duplicates --json -v \
    -w 1 --lease "${2:-2}" >"$1.json" 2>"$1.log" &
}
is_done() {
  [ "$(sql 'SELECT count(*) FROM vam.chunk
    WHERE unit IS NOT NULL AND state = 2')" -ge "$1" ]
}
same_as_alone() {
  result "$1.json" | same - expected
}
have_begun() { is_done 1; }
calm() { :; }

# A search of so few pictures would be over before anything can happen to it:
# each unit takes the server a twentieth of a second.
sql "CREATE FUNCTION vam.slow() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END';
  CREATE TRIGGER slow BEFORE UPDATE ON vam.chunk FOR EACH ROW
  WHEN (NEW.unit IS NOT NULL AND NEW.state = 2) EXECUTE FUNCTION vam.slow()"

# A round has some 80 units.
for ((round = 0; round < rounds; ++round)); do
  sql 'DELETE FROM vam.job'
  share_in_trouble 1 30 15  # the search has begun
done

# Who comes soon afterwards has nothing to search for.
worker late 60
wait $!
same_as_alone late
grep -q ' for 0 of [0-9]* pictures here' late.log || fail "$(cat late.log)"

# What was asked is known to a server that crashes again and again.
sql 'DELETE FROM vam.job'
worker first
first=$!
worker second
second=$!
for units in 4 8 12; do
  at "$units"
  end_postgres QUIT
  start_postgres
done
ended $first first
ended $second second
for name in first second; do same_as_alone $name; done

sql 'DELETE FROM vam.job'
worker interrupted
at 5
kill -INT $!
exits 130 wait $!
[ "$(sql 'SELECT count(*) FROM vam.chunk WHERE state = 1')" -eq 0 ] ||
  fail 'it kept what it had'
worker last
wait $!
same_as_alone last
