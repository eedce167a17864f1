# What is wrong with a server is told in one line, with exit status 1, and
# nothing that was stored is lost.
refused() {
  local status=0
  timeout 60 vam-analyze "$@" >out 2>refused || status=$?
  [ $status -eq 1 ] || fail "exit status $status: $(cat refused)"
  [ ! -s out ] || fail "printed: $(cat out)"
  [ "$(wc -l <refused)" -eq 1 ] || fail "more than a line: $(cat refused)"
  sed "s|$PWD|@|g; s|, user \".*\", database|, ... database|" refused
}
start_postgres
photo photos/a.jpg 1
photo photos/b.jpg 2
make_picture photos --seed 10 --count 300 --size 64x48

echo 'no server:'
refused "postgresql:///postgres?host=$PWD/nowhere" -s photos | sed 's|: connection.*;|: ...;|'
echo 'no such database:'
refused "postgresql:///missing?host=$PWD/server&user=vam" -s photos | sed 's|: connection.*;|: ...;|'
echo 'a password where everybody can see it:'
refused 'postgresql://me:secret@localhost/photos' -s photos
refused 'postgresql://localhost/photos?pass%77ord=secret' -s photos
echo 'a slip of the pen:'
refused 'postgresql:///postgres?servce=photos' -s photos

vam-analyze "$server" -s photos --json 2>/dev/null >before.json
echo 'no rights:'
sql 'CREATE ROLE guest LOGIN'
refused "postgresql:///postgres?host=$PWD/server&user=guest" -s photos |
  sed 's|?host.*: permission|...: permission|'
echo 'a wrong password:'
sql "ALTER ROLE guest PASSWORD 'rhubarb'"
sed -i '1i local all guest scram-sha-256' server/data/pg_hba.conf
sql 'SELECT pg_reload_conf()' >/dev/null
guest="postgresql:///postgres?host=$PWD/server&user=guest"
password() {
  (umask 077 && printf '*:*:*:guest:%s\n' "$1" >password)
}
password custard
PGPASSFILE=$PWD/password refused "$guest" -s photos -vv | sed 's|: connection.*: FATAL|: ...|'
PGPASSWORD=trifle refused "$guest" -s photos -vv | sed 's|: connection.*: FATAL|: ...|'
echo 'no password:'
PGPASSFILE=$PWD/nowhere refused "$guest" -s photos | sed 's|: connection.*: fe_|: ... fe_|'
echo 'the right one:'
sql 'GRANT ALL ON SCHEMA vam TO guest; GRANT ALL ON ALL TABLES IN SCHEMA vam TO guest'
password rhubarb
PGPASSFILE=$PWD/password vam-analyze "$guest" -s photos --json >guest.json 2>&1
echo 'too many connections:'
sql 'ALTER ROLE guest CONNECTION LIMIT 2'
are_gone() {
  [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'guest'")" -eq 0 ]
}
wait_until are_gone
PGPASSFILE=$PWD/password refused "$guest" -s photos | sed 's|: connection.*FATAL|: ...|'
wait_until are_gone
sql 'ALTER ROLE guest CONNECTION LIMIT 3'
PGPASSFILE=$PWD/password vam-analyze "$guest" -s photos --json >guest.json 2>&1
echo 'no right but on a schema that somebody else made:'
sql 'CREATE ROLE app LOGIN'
sql 'CREATE DATABASE theirs'
theirs="postgresql:///theirs?host=$PWD/server&user"
server=$theirs=vam sql 'CREATE SCHEMA vam AUTHORIZATION app'
vam-analyze "$theirs=app" -s photos --json 2>/dev/null >app.json
same <(result before.json) <(result app.json)
echo 'a newer catalog:'
version=$(sql 'SELECT schema_version FROM vam.about')
sql 'UPDATE vam.about SET schema_version = 1000'
refused "$server" -s photos
echo 'a catalog that lost its version, or a table:'
sql 'UPDATE vam.about SET schema_version = 0'
refused "$server" -s photos
sql "UPDATE vam.about SET schema_version = $version"
sql 'ALTER TABLE vam.different RENAME TO lost'
refused "$server" -s photos --detect-duplicates
sql 'ALTER TABLE vam.lost RENAME TO different'
echo 'an older catalog:'
sql 'CREATE INDEX file_digest ON vam.file (digest);
  CREATE INDEX chunk_job ON vam.chunk (job_id);
  ALTER TABLE vam.file ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
  ALTER TABLE vam.sketch ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD FOREIGN KEY (digest) REFERENCES vam.picture ON DELETE CASCADE;
  ALTER TABLE vam.picture ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
  ALTER TABLE vam.task ADD FOREIGN KEY (source_id) REFERENCES vam.source;
  ALTER TABLE vam.outcome ADD FOREIGN KEY (job_id) REFERENCES vam.job;
  ALTER TABLE vam.chunk DROP COLUMN unit, DROP COLUMN answer;
  ALTER TABLE vam.job DROP COLUMN is_search, DROP COLUMN asker;
  ALTER TABLE vam.picture DROP COLUMN dc_step, DROP COLUMN coarser_dc_steps;
  UPDATE vam.about SET schema_version = 1'
vam-analyze "$server" -s photos --json 2>/dev/null >after.json
same <(result before.json) <(result after.json)
[ "$(sql 'SELECT schema_version FROM vam.about')" = "$version" ] ||
  fail 'it was left as it was'
echo 'a source without a place on this machine:'
vam-analyze "$server" -s archive="$PWD/photos" --json 2>/dev/null >named.json
refused "$server"
echo 'what was stored is still there:'
report "$server" -s photos 2>/dev/null
expect '.stats | .files_unchanged == 302 and .files_hashed == 0'
exits 2 vam-analyze "$server" --repair 2>&1

# What it does not take is given back, and no photo is blamed for it.
sql 'DROP SCHEMA vam CASCADE' 2>/dev/null
mkdir few
vam-analyze "$server" -s few >/dev/null 2>&1
photo few/a.jpg 1
sql "CREATE FUNCTION vam.refuse() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE ''no room'' USING ERRCODE = ''53100''; END';
  CREATE TRIGGER refuse BEFORE INSERT ON vam.file EXECUTE FUNCTION vam.refuse()"
is_free() {
  [ "$(sql 'SELECT DISTINCT state, deaths FROM vam.chunk WHERE state < 2')" = \
    '0|0' ] ||
    fail "it kept what it had: $(sql 'SELECT state, deaths FROM vam.chunk')"
}
echo 'a server that stores nothing:'
for _ in 1 2 3; do
  refused "$server" -s few --lease 3
  is_free
done
sql 'DROP TRIGGER refuse ON vam.file'
report "$server" -s few 2>/dev/null
expect '.errors == [] and .stats.files_hashed == 1'
echo 'nor what was found:'
make_picture few --seed 1 --count 20 --size 64x48
sql 'CREATE TRIGGER refuse BEFORE UPDATE ON vam.chunk FOR EACH ROW
  WHEN (NEW.unit IS NOT NULL AND NEW.state = 2) EXECUTE FUNCTION vam.refuse()'
refused "$server" -s few --detect-duplicates
is_free
sql 'DROP TRIGGER refuse ON vam.chunk'
report "$server" -s few --detect-duplicates 2>/dev/null
expect '.errors == []'

# The server's disk is full: a tablespace on a small file system of its own.
mkdir small
if mount -t tmpfs -o size=16m tmpfs small 2>/dev/null; then
  trap '{ end_postgres INT; umount small; } 2>/dev/null || true' EXIT
  mkdir small/space
  chown "$(as_user id -u)" small/space
  sql "CREATE TABLESPACE small LOCATION '$PWD/small/space'"
  sql 'CREATE DATABASE small TABLESPACE small'
  # Leaves two megabytes: for the list of work, not for what comes of it.
  dd if=/dev/zero of=small/ballast status=none bs=1K \
    count=$(($(df --output=avail -k small | tail -1) - 2048))
  full="postgresql:///small?host=$PWD/server&user=vam"
  mkdir more
  make_picture more --seed 1000 --count 1500 --size 64x48
  refused "$full" -s more >full
  grep -q "make room on the server's disk" full || fail "$(cat full)"
  sed -i "s/server\/small/server/" full
  server=$full is_free
  mount -o remount,size=64m small
  vam-analyze "$full" -s more --json 2>/dev/null >room.json
  vam-analyze ./alone -s more --json 2>/dev/null >alone.json
  same <(result alone.json) <(result room.json)
else
  echo 'skipped: no file system that can be full' >&2
fi
