# What may not be read is named; the rest is reported, and nothing forgotten.
photo photos/a.jpg 1
photo photos/secret.jpg 1
photo photos/folder/b.jpg 1
need_user
as_user vam-analyze -q photos >/dev/null
touch photos/secret.jpg
chmod 0 photos/secret.jpg photos/folder
as_user vam-analyze --prune photos
query "SELECT count(*) || ' files' FROM file"
