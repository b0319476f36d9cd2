import { cacheDir, PenError, printableLine, warn } from "#foundation";
import { cachedWheels, cacheInfo, removeFromCache } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { pipSizeText } from "../output/pip-sizes.ts";

const actions = ["dir", "info", "list", "purge", "remove"] as const;
type Action = (typeof actions)[number];

export const command: Command = {
  summary: "Look at and tidy the cache, with pip's words",
  description:
    "The wheels are those of pen's store. Environments keep working when they are removed; only those made with --link-mode symlink need the store.",
  arguments: [
    { name: "ACTION", help: "dir, info, list [PATTERN], remove PATTERN or purge." },
    { name: "PATTERN", help: "A package, or the beginning of a file name; * stands for anything.", repeated: true },
  ],
  options: [
    {
      name: "format",
      kind: "value",
      metavar: "FORMAT",
      choices: ["human", "abspath"],
      help: "For list: human (default), or abspath for folders only.",
    },
  ],
  examples: [
    ["pen pip cache info", "where it is and how much it holds"],
    ["pen pip cache list numpy", "the wheels of one package"],
    ['pen pip cache remove "numpy-1.*"', "some of them"],
  ],
  async run(context) {
    const [action, ...words] = context.parsed.arguments;
    if (!isAction(action))
      throw new PenError("NOTHING_NAMED", `Need an action (${actions.join(", ")}) to perform.`, {
        hint: "Type for example: pen pip cache info",
      });
    if (context.parsed.flag("no-cache-dir"))
      throw new PenError("OPTION_CONFLICT", "pip cache commands can not function since cache is disabled.", {
        why:
          context.parsed.origin("no-cache-dir") === undefined
            ? "--no-cache-dir was given."
            : `${context.parsed.origin("no-cache-dir")} says --no-cache-dir.`,
        hint: "Leave it away for this command.",
      });
    checkWords(action, words);
    const [pattern] = words;
    switch (action) {
      case "dir":
        return tell(context, { path: cacheDir(context.host) }, `${cacheDir(context.host)}\n`);
      case "info":
        return info(context);
      case "list":
        return list(context, pattern);
      case "remove":
        return remove(context, pattern ?? "");
      case "purge":
        return remove(context, "*");
    }
  },
};

const isAction = (word: string | undefined): word is Action => actions.some((action) => action === word);

function checkWords(action: Action, words: readonly string[]): void {
  const most = action === "list" || action === "remove" ? 1 : 0;
  if (words.length > most) throw new PenError("OPTION_CONFLICT", "Too many arguments", { hint: "See: pen pip cache --help" });
  if (action === "remove" && words.length === 0)
    throw new PenError("NOTHING_NAMED", "Please provide a pattern", { hint: "Type for example: pen pip cache remove numpy" });
}

function tell({ json, result, terminal }: CommandContext, value: Parameters<CommandContext["result"]>[0], text: string): void {
  if (json) result(value);
  else terminal.out(text);
}

async function info(context: CommandContext): Promise<void> {
  const found = await cacheInfo({ host: context.host, onEvent: context.emit });
  const { indexFolder, indexSize, indexFiles, wheelsFolder, wheelsSize, wheels } = found;
  const lines = [
    `Package index page cache location (pip v23.3+): ${indexFolder}`,
    `Package index page cache location (older pips): ${indexFolder}`,
    `Package index page cache size: ${pipSizeText(indexSize)}`,
    `Number of HTTP files: ${indexFiles}`,
    `Locally built wheels location: ${wheelsFolder}`,
    `Locally built wheels size: ${pipSizeText(wheelsSize)}`,
    `Number of locally built wheels: ${wheels}`,
  ];
  tell(context, { ...found }, lines.map((line) => `${printableLine(line)}\n`).join(""));
}

async function list(context: CommandContext, pattern: string | undefined): Promise<void> {
  const found = await cachedWheels({ host: context.host, onEvent: context.emit, ...(pattern === undefined ? {} : { pattern }) });
  const isHuman = context.parsed.value("format") !== "abspath";
  const lines = found.map(({ filename, size, path }) => printableLine(isHuman ? ` - ${filename} (${pipSizeText(size)})` : path)).sort();
  const head = !isHuman ? "" : found.length === 0 ? "No locally built wheels cached.\n" : "Cache contents:\n\n";
  tell(
    context,
    found.map((wheel) => ({ ...wheel })),
    head + lines.map((line) => `${line}\n`).join(""),
  );
}

async function remove(context: CommandContext, pattern: string): Promise<void> {
  const { files, bytes } = await removeFromCache({ host: context.host, onEvent: context.emit, pattern });
  if (files === 0)
    warn(
      context.emit,
      "nothing-cached",
      pattern === "*" ? "No matching packages" : `No matching packages for pattern "${printableLine(pattern)}"`,
    );
  if (context.json) context.result({ files, bytes });
  else if (context.quiet === 0) context.terminal.out(`Files removed: ${files} (${pipSizeText(bytes)})\n`);
}
