# Completion of vam-apply for bash.

_vam_apply() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local words=
  case $previous in
    --match) words='exact same-image similar exact,same-image exact,same-image,similar' ;;
    *)
      [[ $current == -* ]] || return 0  # a path
      words='--move-to --trash --hardlink --reflink --undo --match -y --yes
        --journal --strict -q --quiet -h --help --version'
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o default -F _vam_apply vam-apply
