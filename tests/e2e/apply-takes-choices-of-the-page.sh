# What was chosen on the page for removal goes, similar or not, but not the last
# copy, whatever the choices say.
photo photos/a.jpg 1 --size 640x480
photo photos/b.jpg 1 --size 320x240
photo photos/bright.jpg 1 --size 640x480 --brighten 60
report photos --keep path:'a*'
# choices JQ: as the page exports them, with these choices.
choices() {
  jq "def choose(\$name; \$choice): .groups[0].files |= map(
        if .path | endswith(\$name) then .choice = \$choice else . end);
      {schema: \"vam-analyze-choices/1\", version, timestamp, catalog,
       sources: .settings.sources, reference: .settings.reference,
       groups: [.groups[] | {id, kind, files: [.files[] |
         {path, size, mtime, checksum, is_keeper, match, choice: null}]}]} |
      $1" report.json >choices.json
}
choices 'choose("/bright.jpg"; "remove")'
vam-apply choices.json --move-to aside
vam-apply choices.json --move-to aside --match exact

# Another one may stay for the keeper.
choices 'choose("/a.jpg"; "remove") | choose("/b.jpg"; "keep")'
vam-apply choices.json --move-to aside
choices 'choose("/a.jpg"; "remove") | choose("/b.jpg"; "remove") |
  choose("/bright.jpg"; "remove")'
vam-apply choices.json --move-to aside
choices 'choose("/a.jpg"; "remove") | choose("/b.jpg"; "remove") |
  choose("/bright.jpg"; "different")'
vam-apply choices.json --move-to aside
choices 'choose("/b.jpg"; "remove") | .groups[0].files[].is_reference = true'
vam-apply choices.json --move-to aside
choices 'choose("/b.jpg"; "remove") | .groups[0].files[].set = "burst"'
vam-apply choices.json --move-to aside
