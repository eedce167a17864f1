# What vam-apply cannot mean: exit 2 and a line that says why.
tell() { exits 2 vam-apply "$@" 2>&1; }
tell
tell plan.json
tell --trash
tell plan.json --trash --hardlink
tell plan.json --move-to
tell plan.json --move-to ''
tell plan.json other.json --trash
tell plan.json --trash --match all
tell plan.json --hardlink --match exact,similar
tell plan.json --reflink --match same-image
tell plan.json --reflink --hardlink
tell plan.json --undo journal
tell --undo journal --journal other
tell --undo journal --match exact
tell plan.json --trash --no-such
vam-apply --help | head -n 1
vam-apply --version
