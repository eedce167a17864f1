# -v tells workers, memory and index, and why; standard output stays clean.
photo photos/a.jpg 1
vam-analyze -v --json photos 2>err >report.json
grep hashing err |
  sed -E 's/[0-9]+/N/g; s/(CPU|worker)s/\1/g; s/ by (affinity|cgroup quota)//'
grep -q 'MiB available$' err
grep -q '^vam-analyze: searched with FAISS .*: [0-9]* hashes, up to 12 bits apart' err
vam-analyze -v -w 3 photos 2>&1 >/dev/null | grep -o 'hashing with .* asked'
expect '.stats.files_hashed == 1'
