import { printableLine } from "#foundation";
import { repairEnvironments, type Repair } from "#operations";
import type { Colours, Command } from "../command.ts";
import { wrap } from "../output/wrapping.ts";

export const command: Command = {
  summary: "Mend an environment, or say why it cannot be mended",
  description:
    "Leads it to a Python of the version that it was made for, brings a command that was cut off to its end, and puts files back that the store has. Packages stay as they are. The exit status is 1 when something is left.",
  arguments: [{ name: "ENV", help: "The environment; default: the active one, or .venv here or above." }],
  options: [{ name: "all", kind: "flag", help: "Every environment of `pen env list`, but those of conda." }],
  examples: [
    ["pen env repair", "the environment here"],
    ["pen env repair --all", "all of them, for example after an upgrade of Python"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const repairs = await repairEnvironments({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: parsed.arguments[0],
      all: parsed.flag("all"),
    });
    const left = repairs.reduce((sum, one) => sum + one.left.length, 0);
    if (context.json) {
      const environments = repairs.map((one) => ({
        path: one.path,
        repaired: one.repaired.map((problem) => ({ ...problem })),
        left: one.left.map((problem) => ({ ...problem })),
      }));
      context.result({ left, environments });
    } else terminal.out(repairs.length === 0 ? "No environment was found.\n" : repairs.map((one) => drawn(one, colour)).join(""));
    return left === 0 ? 0 : 1;
  },
};

function drawn({ path, repaired, left }: Repair, colour: Colours): string {
  if (repaired.length + left.length === 0) return `${colour.green("ok")} ${printableLine(path)}\n`;
  const item = (mark: string, what: string): string[] => {
    const [first = "", ...rest] = wrap(printableLine(what), 2);
    return [`${mark} ${first.trimStart()}`, ...rest];
  };
  const lines = [
    ...repaired.flatMap(({ code, what }) => [...item(colour.green("+"), `Mended: ${what}`), colour.dim(`    [${code}]`)]),
    ...left.flatMap(({ code, what, reason, hint }) => [
      ...item(colour.red("!"), what),
      ...wrap(`Not mended: ${printableLine(reason)} [${code}]`, 4).map(colour.dim),
      `    ${colour.yellow("→")} ${printableLine(hint)}`,
    ]),
  ];
  return `${colour.bold(printableLine(path))}\n${lines.join("\n")}\n`;
}
