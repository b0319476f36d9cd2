/** What is told of an environment that was made. */
import { printableLine, relative } from "#foundation";
import type { CreatedEnvironment } from "#operations";
import type { CommandContext } from "../command.ts";
import { durationText } from "../output/sizes.ts";

/** `pip 25.0, setuptools 80.0`. */
export const seedText = (seeded: CreatedEnvironment["seeded"]): string =>
  seeded.map(({ name, version }) => `${name} ${version}`).join(", ");

/** `Python 3.12.1 with pip 26.3`. */
export function contentText({ interpreter, seeded }: CreatedEnvironment): string {
  const python = `${interpreter.implementation === "cpython" ? "Python" : interpreter.implementation} ${interpreter.version}`;
  return seeded.length === 0 ? python : `${python} with ${seedText(seeded)}`;
}

/** A made environment in JSON, as `pen venv` has it. */
export function createdJson({ environment, interpreter, seeded }: CreatedEnvironment): {
  path: string;
  python: string;
  version: string;
  base: string;
  seeded: Array<{ name: string; version: string }>;
} {
  return {
    path: environment.root,
    python: environment.python,
    version: interpreter.version,
    base: interpreter.baseExecutable,
    seeded: seeded.map(({ name, version }) => ({ name, version })),
  };
}

/** What was made, and the line that activates it. */
export function madeText(context: Pick<CommandContext, "host" | "colour">, created: CreatedEnvironment, milliseconds: number): string {
  const place = placeText(context, created.environment.root);
  const line = activationLine(place, context.host.env["SHELL"]);
  return `Made ${context.colour.bold(printableLine(place))}: ${contentText(created)}, in ${durationText(milliseconds)}.\nActivate it: ${printableLine(line)}\n`;
}

/** A path as a person would type it here. */
export function placeText({ host }: Pick<CommandContext, "host">, root: string): string {
  const shown = relative(host.cwd, root);
  return shown.startsWith("..") ? root : shown || ".";
}

/** A line that can be copied into the person's own shell, whatever is in the name. */
function activationLine(place: string, shell: string | undefined): string {
  const isFish = shell?.endsWith("fish") === true;
  const script = `${place}/bin/activate${isFish ? ".fish" : ""}`;
  const safe = /^[\w./@%+=:,-]+$/.test(script)
    ? script
    : `'${isFish ? script.replace(/[\\']/g, "\\$&") : script.replaceAll("'", `'\\''`)}'`;
  return `${isFish ? "source" : "."} ${safe.startsWith("-") ? `./${safe}` : safe}`;
}
