import type { Command } from "../command.ts";
import { collect, collectingOptions } from "./downloading.ts";

export const command: Command = {
  summary: "Collect wheels of packages and of what they need",
  description: "What an index has no wheel of is not built here: the command says so, and nothing is written.",
  arguments: [{ name: "REQUIREMENT", help: "A name with an optional version, a URL, or the path of a wheel.", repeated: true }],
  options: [
    { name: "wheel-dir", short: "w", kind: "value", metavar: "DIR", help: "Where the wheels go; without it, here." },
    {
      name: "no-verify",
      kind: "flag",
      help: "Means nothing here.",
      hidden: true,
      idle: "changes nothing: only wheels that were built elsewhere are collected",
    },
    {
      name: "editable",
      short: "e",
      kind: "list",
      metavar: "PATH",
      help: "Refused: that would have to be built.",
      hidden: true,
      refused: {
        why: "A project in development mode has no wheel before it is built, and nothing is built here.",
        hint: "Build it with the project's own tools (python -m build), and name the wheel.",
      },
    },
    ...collectingOptions,
  ],
  examples: [
    ["pen pip wheel -r requirements.txt -w wheels", "everything that a file lists"],
    ["pen pip wheel --no-deps flask", "one wheel, into this folder"],
  ],
  run: (context) => collect(context, { folder: context.parsed.value("wheel-dir") ?? ".", targets: [{}], builds: undefined }),
};
