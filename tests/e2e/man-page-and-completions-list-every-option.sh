# What describes the options elsewhere knows those of --help, and no others.
docs=$(dirname -- "$2")/../../docs
options() {
  grep -oE -e '(^|[^-a-z0-9])--?[a-zA-Z0-9][-a-z0-9]*' |
    grep -oE -e '--?[a-zA-Z0-9].*' | sort -u
}
complete_as() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "_${1//-/_}"
  [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}

# check PROGRAM COUNT: it has at least so many.
check() {
  "$1" --help | sed -n 's/^  \( *-.*\)/\1/p' |
    sed -E 's/^( *(-[^-](, )?)?(--[-a-z0-9]+)?).*/\1/' | options >promised
  [ "$(wc -l <promised)" -ge "$2" ] || fail 'these cannot be all options'

  sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/{s/\\-/-/g;/^\.B/p}' \
    "$docs/man/$1.1" | grep '^\.BR\? -' | options >in-manual
  same promised in-manual

  grep -v '^[#_]' "$docs/completions/_$1" |
    sed -E 's/^  //; s/\[.*//; s/[{},'\''*\\]/ /g' | options >in-zsh
  same promised in-zsh

  sed -nE "s/ -[drx] '?.*//; s/^complete -c $1//; s/ -s / -/; s/ -l / --/p" \
    "$docs/completions/$1.fish" | options >in-fish
  same promised in-fish

  # That of bash is run.
  . "$docs/completions/$1.bash"
  complete_as "$1" - | sort >in-bash
  same promised in-bash
}
check vam-analyze 50
complete_as vam-analyze --format j
complete_as vam-analyze photos --follow
complete_as vam-analyze photos
check vam-apply 14
complete_as vam-apply plan.json --match s
