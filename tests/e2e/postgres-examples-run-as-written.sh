# What docs/scale.md shows for Slurm, Kubernetes and systemd. Only the photos and
# the service are not where the page has them.
page=$(dirname -- "$2")/../../docs/scale.md
example() {
  awk -v kind="$1" '/^```/ { inside = $0 == "```" kind; next } inside' "$page" |
    sed "s|/mnt/photos|$PWD/photos|g"
}
start_postgres
mkdir photos
make_picture photos --seed 1 --count 300 --size 64x48
cp photos/0001.jpg photos/copy.jpg
printf '[photos]\nhost=%s\nuser=vam\ndbname=postgres\n' "$PWD/server" >service
export PGSERVICEFILE=$PWD/service
report ./alone -s photos --detect-duplicates 2>/dev/null
result report.json >expected
jq '.settings.sources | length' report.json

echo 'Slurm:'
example slurm >job.sh
for task in 1 2 3 4; do
  SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 sh job.sh 2>job.$task &
  tasks[task]=$!
done
for task in 1 2 3 4; do wait "${tasks[task]}" || fail "$(cat job.$task)"; done
result duplicates.json | same - expected

echo 'Kubernetes:'
example kubernetes | sed -n 's/^ *command: //p' | jq -r '.[]' >words
mapfile -t words <words
"${words[@]}" >pod.json 2>/dev/null
result pod.json | same - expected

echo 'systemd:'
example systemd >vam-analyze@.service
sed -n 's/^ExecStart=//p' vam-analyze@.service >start.sh
sh start.sh | grep '^Duplicate groups'
command -v systemd-analyze >/dev/null || exit 0
sed -i "s|^ExecStart=vam-analyze|ExecStart=$(command -v vam-analyze)|" \
  vam-analyze@.service
systemd-analyze verify --man=no ./vam-analyze@1.service >verified 2>&1 || true
! grep -E 'Unknown|not executable|Failed to' verified || fail "$(cat verified)"
