import { printableLine } from "#foundation";
import { diagnose } from "#operations";
import type { Colours, Command } from "../command.ts";
import { wrap } from "../output/wrapping.ts";

export const command: Command = {
  summary: "Find what is wrong with an environment",
  description:
    "A base Python that is gone, moved, or another version now; links that lead nowhere; scripts and activation for another place; files that are missing or not as installed; packages of another Python; requirements that are missing; a command that was cut off; modules that hide others; foreign variables. Nothing is changed. The exit status is 0 when all is well, 1 when something is found or there is no environment, 2 for a command line that is not understood.",
  arguments: [{ name: "ENV", help: "The environment, by its path or its name; default: the active one, or .venv here or above." }],
  options: [{ name: "all", kind: "flag", help: "Every environment of `pen env list`, but those of conda." }],
  examples: [
    ["pen env doctor", "the environment here"],
    ["pen env doctor --all", "all of them"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const diagnoses = await diagnose({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: parsed.arguments[0],
      all: parsed.flag("all"),
    });
    const found = diagnoses.reduce((sum, { problems }) => sum + problems.length, 0);
    if (context.json) {
      const environments = diagnoses.map(({ path, problems }) => ({ path, problems: problems.map((problem) => ({ ...problem })) }));
      context.result({ found, environments });
    } else {
      terminal.out(diagnoses.map((diagnosis) => drawn(diagnosis, colour)).join(""));
      if (diagnoses.length === 0) terminal.out("No environment was found.\n");
    }
    return found === 0 ? 0 : 1;
  },
};

function drawn({ path, problems }: Awaited<ReturnType<typeof diagnose>>[number], colour: Colours): string {
  if (problems.length === 0) return `${colour.green("ok")} ${printableLine(path)}\n`;
  const lines = problems.flatMap(({ code, what, why, hint }) => [
    ...wrap(printableLine(what), 2).map((line, at) => (at === 0 ? `${colour.red("!")} ${line.trimStart()}` : line)),
    ...wrap(`${printableLine(why)} [${code}]`, 4).map(colour.dim),
    `    ${colour.yellow("→")} ${printableLine(hint)}`,
  ]);
  return `${colour.bold(printableLine(path))}\n${lines.join("\n")}\n`;
}
