# The catalog may be made below symbolic links, and in folders that can be
# written to but not be read.
photo photos/a.jpg 1
mkdir big
ln -s big store
need_user
as_user mkdir -m 300 drop
for catalog in store/one store/two/three drop/four; do
  as_user vam-analyze "$catalog" -s photos >/dev/null
  [ -f "$catalog/catalog.sqlite" ] || fail "no catalog in $catalog"
done
