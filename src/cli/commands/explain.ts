import type { JsonValue } from "#foundation";
import { explain, type Explanation } from "#operations";
import type { Command } from "../command.ts";
import { drawExplanation } from "../output/explanation.ts";

export const command: Command = {
  summary: "Show what an environment is, with your own paths",
  description:
    "Where its Python, the standard library and its packages are, what pyvenv.cfg says, where Python looks for modules and why, and what activation would change in this shell. Nothing is changed, and no code of the environment runs.",
  arguments: [
    {
      name: "ENV",
      help: "An environment, by its path or its name, or a Python; default: the active one, or .venv here or above, else the global Python.",
    },
  ],
  options: [{ name: "module", short: "m", kind: "value", metavar: "NAME", help: "Which copy of this module is imported, and why." }],
  examples: [
    ["pen explain", "the environment here, or the global Python"],
    ["pen explain --module psycopg", "which copy of psycopg is imported, and why"],
    ["pen explain .venv --json", "for programs"],
  ],
  async run(context) {
    const explanation = await explain({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: context.parsed.arguments[0],
      module: context.parsed.value("module"),
    });
    if (context.json) context.result(asJson(explanation));
    else context.terminal.out(drawExplanation(explanation, context.colour));
    return explanation.module?.found === false ? 1 : 0;
  },
};

/** An {@link Explanation} is plain data; only its being made of interfaces hides that from the compiler. */
function asJson(explanation: Explanation): { readonly [key: string]: JsonValue } {
  return explanation as unknown as { readonly [key: string]: JsonValue };
}
