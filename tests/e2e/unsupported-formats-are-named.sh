# A picture that this build cannot decode is named as such.
mkdir photos
printf 'GIF89a\1\0\1\0\0\0\0' >photos/a.gif
printf '\0\0\0\30ftypheic\0\0\0\0mif1heic' >photos/b.heic
report photos
expect_error a.gif unsupported
expect_error b.heic unsupported
jq -r '.errors[].message' report.json
