/** The shells for which there is a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The script by which a shell completes command lines of bpf-app. It hands the words up to the cursor to
 * `bpf-app complete`, which prints one candidate a line, with a description behind a tab.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/**
 * The shell functions that find the app's bpf-app, as npx does. In each script the words of the command line stand in a
 * list that begins with `bpf-app`, or with `npx bpf-app`.
 */
const FIND = `  local dir=$PWD
  while [ -n "$dir" ]; do
    if [ -x "$dir/node_modules/.bin/bpf-app" ]; then
      "$dir/node_modules/.bin/bpf-app" complete "$@" 2>/dev/null
      return
    fi
    dir=\${dir%/*}
  done
  if type -P bpf-app >/dev/null; then command bpf-app complete "$@" 2>/dev/null; fi`;

const BASH = `# Tab completion of bpf-app for bash. In ~/.bashrc, where bpf-app is installed:
#   eval "$(bpf-app completion bash)"
_bpf_app_candidates() {
${FIND}
}
_bpf_app() {
  # bash takes a word apart at "=" and ":". The line is split at blanks instead.
  local line=\${COMP_LINE:0:COMP_POINT} words current candidate
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  if [ "\${words[0]##*/}" = npx ]; then words=("\${words[@]:1}"); fi
  current=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    [[ $candidate == "$current"* ]] || continue
    case $candidate in
      *=) compopt -o nospace ;;
    esac
    # What stands before the last "=" is on the line already.
    case $current in
      *=*) COMPREPLY+=("\${candidate#"\${current%"\${current##*=}"}"}") ;;
      *) COMPREPLY+=("$candidate") ;;
    esac
  done < <(_bpf_app_candidates "\${words[@]:1}")
}
_bpf_app_npx() {
  if [ "\${COMP_WORDS[1]}" = bpf-app ] && [ "$COMP_CWORD" -gt 1 ]; then _bpf_app; fi
}
complete -o default -F _bpf_app bpf-app
# Whoever completes npx already keeps doing so.
complete -p npx >/dev/null 2>&1 || complete -o default -F _bpf_app_npx npx
`;

const ZSH = `#compdef bpf-app
# Tab completion of bpf-app for zsh. In ~/.zshrc, behind compinit, where bpf-app is installed:
#   eval "$(bpf-app completion zsh)"
_bpf_app_candidates() {
${FIND.replace("type -P bpf-app", "whence -p bpf-app")}
}
_bpf_app() {
  local -a given plain open
  given=("\${(@)words[1,CURRENT]}")
  if [[ \${given[1]:t} == npx ]]; then given=("\${(@)given[2,-1]}"); fi
  local line word
  for line in "\${(@f)$(_bpf_app_candidates "\${(@)given[2,-1]}")}"; do
    [[ -n $line ]] || continue
    # A colon would end the word and begin its description.
    word=\${\${line%%$'\\t'*}//:/\\\\:}
    if [[ $word == *= ]]; then open+=("$word"); else plain+=("$word:\${line#*$'\\t'}"); fi
  done
  if (( \${#plain} + \${#open} == 0 )); then
    compset -P '*='
    _files
    return
  fi
  (( \${#open} )) && compadd -S '' -- $open
  (( \${#plain} )) && _describe bpf-app plain
}
_bpf_app_npx() {
  if [[ \${words[2]} == bpf-app ]] && (( CURRENT > 2 )); then _bpf_app; else _files; fi
}
compdef _bpf_app bpf-app
# Whoever completes npx already keeps doing so.
[[ -n \${_comps[npx]-} ]] || compdef _bpf_app_npx npx
`;

const FISH = `# Tab completion of bpf-app for fish. Once, where bpf-app is installed:
#   bpf-app completion fish > ~/.config/fish/completions/bpf-app.fish
function __bpf_app_complete
    set -l words (commandline -opc) (commandline -ct)
    if test (path basename -- $words[1]) = npx
        set -e words[1]
    end
    set -e words[1]
    set -l dir $PWD
    while test -n "$dir"
        if test -x "$dir/node_modules/.bin/bpf-app"
            "$dir/node_modules/.bin/bpf-app" complete $words 2>/dev/null
            return
        end
        set dir (string replace -r '/[^/]*$' '' -- $dir)
    end
    if command -q bpf-app
        command bpf-app complete $words 2>/dev/null
    end
end
# Names of files only where there is nothing to offer.
complete -c bpf-app -n 'count (__bpf_app_complete) >/dev/null' -f
complete -c bpf-app -a '(__bpf_app_complete)'
complete -c npx -n '__fish_seen_subcommand_from bpf-app' -a '(__bpf_app_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
