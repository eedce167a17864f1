# Completion of vam-analyze for bash.

_vam_analyze() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local words=
  case $previous in
    -f|--format) words='text json jsonl csv fdupes' ;;
    --hash-methods) words='dhash ahash whash dhash,ahash dhash,ahash,whash' ;;
    --transforms) words='none mirror all' ;;
    --bursts) words='report ignore as-similar' ;;
    --keep) words='resolution metadata generation companions format size oldest newest reference' ;;
    --progress) words='auto always never' ;;
    --index) words='auto flat scan bands' ;;
    -w|--workers|-t|--threads|--similarity-threshold) return 0 ;;
    --min-size|--max-size|--memory-limit|--include|--exclude) return 0 ;;
    --max-pixels|--file-timeout|--wait|--lease) return 0 ;;
    *)
      [[ $current == -* ]] || return 0  # a path
      words='-s --source --include --exclude --min-size --max-size --hidden
        -L --follow-links -x --one-file-system --detect-duplicates
        --similarity-threshold --hash-methods --transforms --no-verify
        --bursts --mark-different --unmark-different --ignore-pairs --keep
        --reference --reference-only --explain --like -f --format --json -0
        --print0 --show-discarded --stats -o --output --html --progress -q
        --quiet -v --verbose --log-file --new-only --exit-code --strict
        --recompute-hashes --verify-digests --prune --clear --repair
        --export-hashes --wait --lease --index -w --workers -t --threads
        --memory-limit --max-pixels --file-timeout --low-priority -h --help --version'
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o default -F _vam_analyze vam-analyze
