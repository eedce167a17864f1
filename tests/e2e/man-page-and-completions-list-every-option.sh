# What describes the options elsewhere knows those of --help, and no others.
docs=$(dirname -- "$2")/../../docs
options() {
  grep -oE -e '(^|[^-a-z0-9])--?[a-zA-Z0-9][-a-z0-9]*' |
    grep -oE -e '--?[a-zA-Z0-9].*' | sort -u
}
vam-analyze --help | sed -n 's/^  \( *-.*\)/\1/p' |
  sed -E 's/^( *(-[^-](, )?)?(--[-a-z0-9]+)?).*/\1/' | options >promised
[ "$(wc -l <promised)" -gt 50 ] || fail 'these cannot be all options'

sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/{s/\\-/-/g;/^\.B/p}' \
  "$docs/man/vam-analyze.1" | grep '^\.BR\? -' | options >in-manual
same promised in-manual

grep -v '^#' "$docs/completions/_vam-analyze" |
  sed -E 's/^  //; s/\[.*//; s/[{},'\''*\\]/ /g' | options >in-zsh
same promised in-zsh

sed -nE "s/ -[drx] '?.*//; s/^complete -c vam-analyze//; s/ -s / -/; s/ -l / --/p" \
  "$docs/completions/vam-analyze.fish" | options >in-fish
same promised in-fish

# That of bash is run.
. "$docs/completions/vam-analyze.bash"
complete_as() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _vam_analyze
  [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}
complete_as vam-analyze - | sort >in-bash
same promised in-bash
complete_as vam-analyze --format j
complete_as vam-analyze photos --follow
complete_as vam-analyze photos
