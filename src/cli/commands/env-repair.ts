import { PenError, printableLine } from "#foundation";
import { repairEnvironments, type Repair } from "#operations";
import { buildOptions } from "../arguments/builds.ts";
import { indexOptions } from "../arguments/common.ts";
import type { Colours, Command } from "../command.ts";
import { wrap } from "../output/wrapping.ts";
import { buildsOf } from "./building.ts";
import { indexesOf } from "./sources.ts";

export const command: Command = {
  summary: "Mend an environment, or say why it cannot be mended",
  description:
    "Leads it to a Python of the version that it was made for, brings a command that was cut off to its end, lets its scripts find it after a move, and puts packages back that are damaged: from the store, else the very same version from the index, else built from the source that they came from, if you allow it. With --python it goes to another version of Python, and its packages are installed again for that. What you put into it yourself is never touched. The exit status is 0 when nothing is left, 1 when something is (each with the reason and what to type) or there is no environment, 2 for a command line that is not understood, 130 on Ctrl-C: what was begun is then undone.",
  arguments: [{ name: "ENV", help: "The environment, by its path or its name; default: the active one, or .venv here or above." }],
  options: [
    { name: "all", kind: "flag", help: "Every environment of `pen env list`, but those of conda." },
    {
      name: "python",
      short: "p",
      kind: "value",
      metavar: "PYTHON",
      help: "The Python to go to: 3.13, a path, … With --all only for those whose own is gone.",
    },
    { name: "dry-run", kind: "flag", help: "Only say what would be done." },
    ...buildOptions,
    ...indexOptions,
  ],
  examples: [
    ["pen env repair", "the environment here"],
    ["pen env repair --all", "all of them, for example after an upgrade of Python"],
    ["pen env repair --all --dry-run", "only list what that would do"],
    ["pen env repair --python 3.13 .venv", "go to another version of Python, packages included"],
    ["pen env repair --python 3.13 --allow-build NAME", "let it build a package that has no wheel for that version"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    if (parsed.flag("all") && parsed.arguments[0] !== undefined)
      throw new PenError("USAGE", "--all and an environment exclude each other", { hint: "Leave one of the two out." });
    const dryRun = parsed.flag("dry-run");
    const repairs = await repairEnvironments({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: parsed.arguments[0],
      all: parsed.flag("all"),
      python: parsed.value("python"),
      dryRun,
      indexes: indexesOf(parsed),
      builds: buildsOf(context),
    });
    const left = repairs.reduce((sum, one) => sum + one.left.length, 0);
    if (context.json) {
      const environments = repairs.map((one) => ({
        path: one.path,
        repaired: one.repaired.map((problem) => ({ ...problem })),
        left: one.left.map((problem) => ({ ...problem })),
      }));
      context.result({ left, dryRun, environments });
    } else terminal.out(repairs.length === 0 ? "No environment was found.\n" : repairs.map((one) => drawn(one, colour, dryRun)).join(""));
    return left === 0 ? 0 : 1;
  },
};

function drawn({ path, repaired, left }: Repair, colour: Colours, dryRun: boolean): string {
  if (repaired.length + left.length === 0) return `${colour.green("ok")} ${printableLine(path)}\n`;
  const item = (mark: string, what: string): string[] => {
    const [first = "", ...rest] = wrap(printableLine(what), 2);
    return [`${mark} ${first.trimStart()}`, ...rest];
  };
  const lines = [
    ...repaired.flatMap(({ code, what, how }) => [
      ...item(colour.green("+"), `${dryRun ? "Would mend" : "Mended"}: ${what}`),
      ...wrap(`${printableLine(how)} [${code}]`, 4).map(colour.dim),
    ]),
    ...left.flatMap(({ code, what, reason, hint }) => [
      ...item(colour.red("!"), what),
      ...wrap(`${dryRun ? "Stays" : "Not mended"}: ${printableLine(reason)} [${code}]`, 4).map(colour.dim),
      `    ${colour.yellow("→")} ${printableLine(hint)}`,
    ]),
  ];
  return `${colour.bold(printableLine(path))}\n${lines.join("\n")}\n`;
}
