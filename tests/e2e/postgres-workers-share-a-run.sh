# Four runs on one catalog, one killed, one stopped past its lease, the server
# crashed in the middle, while some photos kill their decoders: all runs that are
# left report what one alone reports.
# VAM_ROUNDS and VAM_SEED ask for more of it and for other moments.
rounds=${VAM_ROUNDS:-1}
RANDOM=${VAM_SEED:-1}
start_postgres
mkdir -p photos/smaller photos/bad
make_picture photos --seed 1 --count 2000 --size 160x120
make_picture photos/smaller --seed 1 --count 100 --size 120x90
for n in 1 2 3; do head -c 3000 photos/000$n.jpg >photos/bad/$n.jpg; done
cp photos/0005.jpg photos/bad/copy.jpg
# Of a kind that no decoder reads: lossless.
LC_ALL=C sed 's/\xff\xc0\x00\x11/\xff\xc3\x00\x11/' photos/0006.jpg \
  >photos/bad/lossless.jpg
# Their decoder crashes, aborts, ends, is killed: dying_decoder.cpp.
for width in 601 602 605 606; do
  make_picture photos/bad/$width.png --seed $width --size ${width}x80
done
dying=$(command -v dying_decoder.so)
LD_PRELOAD=$dying report ./alone -s photos --detect-duplicates 2>/dev/null
expect '[.errors[].code] | sort ==
  ["crashed", "crashed", "crashed", "too_large", "truncated", "truncated",
    "truncated", "unsupported"]'
result report.json >expected
jq -r '.stats | [.files_hashed, .pictures_decoded, .bytes_read]' report.json >work

worker() {
  LD_PRELOAD=$dying vam-analyze "$server" -s album="$PWD/photos" \
    --detect-duplicates --json -w 1 --lease 2 >"$1.json" 2>"$1.log" &
}
is_done() {
  [ "$(sql 'SELECT count(*) FROM vam.chunk WHERE state = 2')" -ge "$1" ]
}
# same_as_alone NAME: what it reports, and what that took.
same_as_alone() {
  result "$1.json" | same - expected
  jq -r '.stats | [.files_hashed, .pictures_decoded, .bytes_read]' "$1.json" |
    same - work
}

# All would be over before trouble comes: the server takes a tenth of a second to
# hand out a chunk, and for the last ones until it is calm. A lease begins then.
sql "CREATE TABLE public.trouble AS SELECT true AS is_over;
  CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS '
    DECLARE began timestamptz := clock_timestamp();
    BEGIN
      PERFORM pg_sleep(0.1);
      WHILE NOT (SELECT is_over FROM public.trouble) AND
          (SELECT count(*) FROM vam.chunk WHERE state = 2) >= 12 LOOP
        PERFORM pg_sleep(0.02);
      END LOOP;
      NEW.expires := NEW.expires + (clock_timestamp() - began);
      RETURN NEW;
    END';
  CREATE FUNCTION public.slow_down() RETURNS event_trigger LANGUAGE plpgsql AS '
    BEGIN
      IF to_regclass(''vam.chunk_unit'') IS NULL THEN RETURN; END IF;
      CREATE OR REPLACE TRIGGER slow BEFORE UPDATE ON vam.chunk FOR EACH ROW
        WHEN (NEW.unit IS NULL AND NEW.state = 1 AND NEW.token <> OLD.token)
        EXECUTE FUNCTION public.slow();
    END';
  CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
    EXECUTE FUNCTION public.slow_down()"
# All have their connections, three each: who finds no server in the beginning
# does not wait for one.
have_begun() {
  [ "$(sql "SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'vam-analyze' AND query <> ''
    AND NOT (state = 'active' AND query LIKE '%tcp_user_timeout%')")" -eq 12 ]
}
calm() {
  sql 'UPDATE public.trouble SET is_over = true'
}

# A round has 17 chunks, of which the troubles come before the 12th is done.
for ((round = 0; round < rounds; ++round)); do
  sql 'DROP SCHEMA IF EXISTS vam CASCADE;
    UPDATE public.trouble SET is_over = false' 2>/dev/null
  share_in_trouble 0 8 3
  [ "$killed_with" -eq 137 ] || fail "nobody was killed in round $round"
done

# Who comes later finds nothing to do, but to look whether it can read more: the
# one of no known kind, and the one whose decoder was killed.
worker late
wait $!
result late.json | same - expected
jq -e '.stats | .files_hashed == 0 and .pictures_decoded == 2' late.json >/dev/null ||
  fail "it was done again: $(jq -c .stats late.json)"
