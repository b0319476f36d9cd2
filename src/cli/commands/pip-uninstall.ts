import { PenError } from "#foundation";
import { uninstall } from "#operations";
import { pipHabits, pythonOption } from "../arguments/common.ts";
import { isCalledPip, type Command } from "../command.ts";
import { askIfAny } from "../input.ts";

export const command: Command = {
  summary: "Remove packages from the environment",
  arguments: [{ name: "NAME", help: "Packages to remove.", repeated: true }],
  options: [
    {
      name: "requirement",
      short: "r",
      aliases: ["requirements"],
      kind: "list",
      metavar: "FILE",
      help: "Remove what a requirements file lists.",
    },
    { name: "yes", short: "y", kind: "flag", help: "Do not ask." },
    { name: "no-input", kind: "flag", help: "Ask nothing.", hidden: true },
    { name: "dry-run", kind: "flag", help: "Only say what would be removed." },
    {
      name: "break-system-packages",
      kind: "flag",
      help: "Refused in install; here it changes nothing, as pen never works on a global Python.",
      hidden: true,
    },
    pythonOption,
    ...pipHabits,
  ],
  examples: [
    ["pen pip uninstall flask", "asks first"],
    ["pen pip uninstall -y flask requests", "without asking"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    if (parsed.arguments.length + parsed.list("requirement").length === 0) {
      throw new PenError("NOTHING_NAMED", "Nothing was named to remove", { hint: "Type for example: pen pip uninstall flask" });
    }
    // Where no person is there, pen's own name does what was typed, as uv; pip's name reads the answer, as pip.
    const asks = !parsed.flag("yes") && !context.json && (terminal.inIsTerminal || isCalledPip(context) || parsed.flag("no-input"));
    const outcome = await uninstall({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      names: parsed.arguments,
      requirementFiles: parsed.list("requirement"),
      python: parsed.value("python"),
      dryRun: parsed.flag("dry-run"),
      ...(asks
        ? {
            confirm: async (plan) => {
              for (const step of plan.steps)
                if (step.action === "uninstall") terminal.err(` ${colour.red("-")} ${step.name} ${step.version}\n`);
              const answer = parsed.flag("no-input") ? undefined : await askIfAny("Remove these?");
              if (answer === undefined) throw noAnswer(parsed.origin("no-input"));
              return answer;
            },
          }
        : {}),
    });
    const removed = outcome.plan.steps.filter(({ action }) => action === "uninstall");
    if (context.json) {
      context.result({
        destination: outcome.destination,
        removed: removed.map(({ name, version }) => ({ name, version })),
        absent: [...outcome.absent],
        done: outcome.report !== undefined,
      });
      return;
    }
    if (context.quiet > 0) return;
    const done = outcome.report !== undefined;
    if (!done && !parsed.flag("dry-run")) {
      if (removed.length > 0) terminal.out("Nothing was removed.\n");
      return;
    }
    for (const { name, version } of removed) terminal.out(`${done ? "Successfully uninstalled" : "Would uninstall"} ${name}-${version}\n`);
  },
};

/** As in pip, nothing is removed where nobody can say yes. */
const noAnswer = (origin: string | undefined): PenError =>
  new PenError("USAGE", "Nobody answers whether to remove these, and nothing was removed", {
    why: origin === undefined ? "Standard input ended, or --no-input was given." : `${origin} says that nothing may be asked.`,
    hint: "Say yes on the command line: --yes",
  });
