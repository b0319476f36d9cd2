import { printableLine } from "#foundation";
import type { Explanation } from "#operations";
import type { Colours } from "../command.ts";
import { sourceNames } from "./path-sources.ts";
import { wrap } from "./wrapping.ts";

type ExplainedModule = NonNullable<Explanation["module"]>;
type Copy = ExplainedModule["copies"][number];

const kinds: Readonly<Record<Copy["kind"], string>> = {
  builtin: "part of the executable",
  frozen: "carried by the executable",
  package: "package",
  module: "module",
  extension: "compiled module",
  namespace: "folder without __init__.py",
};

/** What `pen explain --module` shows to people. */
export function drawModule(explanation: Explanation, module: ExplainedModule, colour: Colours): string {
  const name = printableLine(module.name);
  const python = printableLine(explanation.environment ?? explanation.executable);
  const taken = module.copies.filter(({ imported }) => imported && module.found);
  const others = module.copies.filter((copy) => !taken.includes(copy));
  const passed = others.filter(({ reachable }) => reachable);
  const far = others.filter(({ reachable }) => !reachable);
  const list = (title: string, copies: readonly Copy[]): string[] =>
    copies.length === 0 ? [] : ["", colour.bold(title), ...copies.flatMap((copy) => drawCopy(copy, colour))];
  const heading = module.found ? `import ${name}, in ${python}` : `import ${name} fails in ${python}`;
  const lines = [
    colour.bold(module.found ? colour.green(heading) : colour.red(heading)),
    ...taken.flatMap((copy) => drawCopy(copy, colour)),
    "",
    ...wrap(module.why, 0),
    ...(module.hint === null ? [] : wrap(module.hint, 0).map(colour.yellow)),
    ...list(module.found ? "Passed over" : "What there is", passed),
    ...list("Out of reach of this environment", far),
  ];
  return `${lines.join("\n")}\n`;
}

function drawCopy({ kind, path, entry, source, distribution, version }: Copy, colour: Colours): string[] {
  const owner = distribution === null ? "" : `, ${printableLine(distribution)} ${printableLine(version ?? "")}`;
  if (path === null) return [`  ${kinds[kind]}`];
  const place = source === "executable" || entry === null ? "" : `, from entry ${entry + 1} of sys.path: ${sourceNames[source]}`;
  return [`  ${printableLine(path)}`, ...wrap(`${kinds[kind]}${owner}${place}`, 6).map(colour.dim)];
}
