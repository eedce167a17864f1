# A picture that this build cannot decode is named as such.
mkdir photos
printf '8BPS\0\1' >photos/a.psd
printf '\0\0\0\14jP  \r\n\207\n' >photos/b.jp2
report photos
expect_error a.psd unsupported
expect_error b.jp2 unsupported
jq -r '.errors[].message' report.json
expect '.stats.unreadable_formats ==
  (["jp2", "psd"] | map({format: ., files: 1, option: null}))'
vam-analyze photos 2>/dev/null | grep failed
