# Each shell reads its completions and completes an option with them.
docs=$(dirname -- "$2")/../../docs/completions
for shell in zsh fish; do
  command -v "$shell" >/dev/null || skip "no $shell"
done
complete_in_bash() {
  bash --norc -c '
    source "$1/$2.bash"
    COMP_WORDS=("$2" "$3") COMP_CWORD=1
    function=$(complete -p "$2" | sed -E "s/.*-F ([^ ]+).*/\1/")
    "$function" "$2" "$3" "$2"
    printf "%s\n" "${COMPREPLY[@]}"' - "$docs" "$1" "$2"
}
complete_in_fish() {
  fish --no-config -c "source $docs/$1.fish; complete -C '$1 $2'"
}
# zsh completes in a terminal only; what it is told is the argument list.
complete_in_zsh() {
  zsh -f -c '
    _arguments() { print -rl -- "$@" }
    source "$1/_$2"' - "$docs" "$1" | grep -oE -- "$2[a-z-]*"
}
for shell in bash fish zsh; do
  echo "$shell:"
  "complete_in_$shell" vam-analyze --detect
  "complete_in_$shell" vam-apply --move
done
