import { withCommonOptions } from "./arguments/common.ts";
import type { OptionSpec } from "./arguments/types.ts";
import { isGroup, type CommandGroup } from "./command.ts";

/** One place in the tree of commands: the words that lead there and what may follow. */
interface Place {
  /** `pip install`; empty at the top. */
  readonly path: string;
  readonly words: ReadonlyArray<readonly [word: string, help: string]>;
  readonly options: readonly OptionSpec[];
}

/** Walks all commands; their modules are loaded for it. */
export async function completionPlaces(group: CommandGroup, path = ""): Promise<Place[]> {
  const places: Place[] = [
    { path, words: Object.entries(group.commands).map(([word, entry]) => [word, entry.summary] as const), options: [] },
  ];
  for (const [word, entry] of Object.entries(group.commands)) {
    const inner = path === "" ? word : `${path} ${word}`;
    if (isGroup(entry)) places.push(...(await completionPlaces(entry, inner)));
    else
      places.push({
        path: inner,
        words: [],
        options: withCommonOptions((await entry.load()).options).filter((option) => option.hidden !== true),
      });
  }
  return places;
}

const flagsOf = (option: OptionSpec): string[] => [
  `--${option.name}`,
  ...(option.short === undefined ? [] : [`-${option.short}`]),
  ...(option.negation === undefined ? [] : [`--${option.negation}`]),
];

/** `pip list --format` and its choices, for each option that takes a value; no choices: any text, often the name of a file. */
function valuePlaces(places: readonly Place[]): ReadonlyArray<readonly [place: string, choices: readonly string[]]> {
  return places.flatMap(({ path, options }) =>
    options
      .filter(({ kind }) => kind === "value" || kind === "list")
      .flatMap((option) => flagsOf(option).map((flag) => [`${path} ${flag}`, option.choices ?? []] as const)),
  );
}

/** pip has switches where pen has words. */
const scriptCommand = (program: string, shell: string): string => `${program} completion ${program === "pen" ? "" : "--"}${shell}`;

/** bash: offers commands, options and choices; files elsewhere. */
export function bashCompletion(places: readonly Place[], program: string = "pen"): string {
  const cases = places.map((place) => {
    const words = [...place.words.map(([word]) => word), ...place.options.flatMap(flagsOf)].join(" ");
    return `    "${place.path}") words="${words}" ;;`;
  });
  const paths = places.map((place) => `"${place.path}"`).join("|");
  const values = valuePlaces(places).map(([place, choices]) => `    "${place}") words="${choices.join(" ")}" ;;`);
  return `# ${program} completion for bash: eval "$(${scriptCommand(program, "bash")})"
_${program}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="" path="" word words="" at try
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in -*) continue ;; esac
    try="\${path:+$path }$word"
    case "$try" in
      ${paths}) path="$try" ;;
      *) break ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  # bash takes the = of --option=value for a word.
  if [ "$current" = = ]; then
    before="\${COMP_WORDS[COMP_CWORD - 1]}" current=""
  elif [ "$COMP_CWORD" -gt 1 ]; then
    before="\${COMP_WORDS[COMP_CWORD - 1]}"
    if [ "$before" = = ]; then before="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  fi
  case "$path $before" in
${values.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then
    compopt -o default 2>/dev/null
  fi
}
complete -F _${program} ${program}
`;
}

const zshQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const zshHelp = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&");

/** zsh: with the help texts beside the words. */
export function zshCompletion(places: readonly Place[], program: string = "pen"): string {
  const cases = places.map((place) => {
    const words = place.words.map(([word, help]) => zshQuote(`${word}:${zshHelp(help)}`));
    const options = place.options.flatMap((option) => flagsOf(option).map((flag) => zshQuote(`${flag}:${zshHelp(option.help)}`)));
    return `    ${zshQuote(place.path)})\n      names=(${words.join(" ")})\n      options=(${options.join(" ")}) ;;`;
  });
  const known = places.map((place) => zshQuote(place.path)).join("|");
  const values = valuePlaces(places).map(([place, choices]) => {
    const offer = choices.length === 0 ? "_files" : `compadd -- ${choices.map(zshQuote).join(" ")}`;
    return `    ${zshQuote(place)}) ${offer}; return ;;`;
  });
  return `#compdef ${program}
# ${program} completion for zsh: eval "$(${scriptCommand(program, "zsh")})"
_${program}() {
  local place="" word try
  local -a line names options
  integer at
  line=("\${(@)words}")
  for ((at = 2; at < CURRENT; at++)); do
    word="\${line[at]}"
    [[ "$word" == -* ]] && continue
    try="\${place:+$place }$word"
    case "$try" in
      ${known}) place="$try" ;;
      *) break ;;
    esac
  done
  case "$place" in
${cases.join("\n")}
  esac
  case "$place \${line[CURRENT-1]}" in
${values.join("\n")}
  esac
  (( \${#names} )) && _describe -t commands command names
  (( \${#options} )) && [[ "\${line[CURRENT]}" == -* ]] && _describe -t options option options
  (( \${#names} )) || _files
}
if [[ "\${funcstack[1]}" == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

const fishQuote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** fish: one line for each word. */
export function fishCompletion(places: readonly Place[], program: string = "pen"): string {
  const lines = places.flatMap((place) => {
    const condition = `-n ${fishQuote(`__${program}_at ${fishQuote(place.path)}`)}`;
    const words = place.words.map(([word, help]) => `complete -c ${program} -f ${condition} -a ${fishQuote(word)} -d ${fishQuote(help)}`);
    const options = place.options.map((option) => {
      const short = option.short === undefined ? "" : ` -s ${option.short}`;
      const value =
        option.kind === "value" || option.kind === "list"
          ? option.choices === undefined
            ? " -r"
            : ` -x -a ${fishQuote(option.choices.join(" "))}`
          : "";
      const line = `complete -c ${program} ${condition}${short} -l ${option.name}${value} -d ${fishQuote(option.help)}`;
      return option.negation === undefined
        ? line
        : `${line}\ncomplete -c ${program} ${condition} -l ${option.negation} -d ${fishQuote(`Not: ${option.help}`)}`;
    });
    return [...words, ...options];
  });
  const known = places.map((place) => fishQuote(place.path)).join(" ");
  return `# ${program} completion for fish: ${scriptCommand(program, "fish")} | source
function __${program}_at
    set -l place
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; and continue
        set -l try (string join ' ' $place $word)
        contains -- "$try" ${known}; or break
        set place $try
    end
    test "$place" = "$argv[1]"
end
${lines.join("\n")}
`;
}
