import { printableLine, relative } from "#foundation";
import type { Explanation } from "#operations";
import type { Colours } from "../command.ts";
import { drawModule } from "./explained-module.ts";
import { sourceNames } from "./path-sources.ts";
import { beginning, box, elide, lineWidth, widthOf, wrap } from "./wrapping.ts";

/** What `pen explain` shows to people, in lines of 80 characters (longer paths stay whole below the drawing). */
export function drawExplanation(explanation: Explanation, colour: Colours): string {
  if (explanation.module !== null) return drawModule(explanation, explanation.module, colour);
  const heading = (text: string): string[] => ["", colour.bold(colour.cyan(text))];
  const lines = [
    ...(explanation.environment === null ? aboutGlobal(explanation, colour) : aboutEnvironment(explanation, colour)),
    ...heading("The executable"),
    ...executable(explanation, colour),
    ...(explanation.config.length === 0 ? [] : [...heading("pyvenv.cfg"), ...config(explanation, colour)]),
    ...heading("sys.path: where `import` looks, in this order"),
    ...searchPath(explanation, colour),
    ...startup(explanation, colour),
    ...(explanation.activation === null ? [] : [...heading("Activation"), ...activation(explanation, explanation.activation, colour)]),
    ...heading("The words in this shell"),
    ...commands(explanation, colour),
    ...explanation.notes.flatMap(({ message, hint }) => ["", ...note(message, hint, colour)]),
    ...(explanation.environment === null ? goldenRule(colour) : []),
  ];
  return `${lines.join("\n")}\n`;
}

const counted = (count: number): string => (count === 1 ? "1 package" : `${count} packages`);

function aboutEnvironment(explanation: Explanation, colour: Colours): string[] {
  const { prefix, basePrefix } = explanation;
  const home = explanation.config.find(({ key }) => key === "home")?.value ?? "";
  const own = explanation.sitePackages.map(({ folder, count }): Row => [
    below(prefix, folder),
    `its own packages: ${count === 0 ? "none yet" : count}`,
  ]);
  const seen = explanation.systemSitePackages ? "seen from above too" : "not seen from above";
  const shared = explanation.baseSitePackages.map(({ folder, count }): Row => [below(basePrefix, folder), `${counted(count)}, ${seen}`]);
  const upper: Row[] = [[below(prefix, explanation.executable), "the command you type"], ...own, ["pyvenv.cfg", "says where the base is"]];
  const lower: Row[] = [
    [below(basePrefix, explanation.links.at(-1) ?? ""), `Python ${explanation.version} itself`],
    [below(basePrefix, explanation.standardLibrary), "the standard library, shared"],
    ...shared,
  ];
  const arrow = 10;
  return [
    colour.bold("This is a virtual environment"),
    ...wrap(
      "A folder with packages of its own, on top of a Python that it shares. Two projects with two environments can have two versions of one library.",
      0,
    ),
    "",
    ...box("the environment: sys.prefix", [printableLine(elide(prefix, lineWidth - 6)), ...table(upper)], arrow).map(colour.green),
    `${" ".repeat(arrow + 3)}${colour.bold(`│ home = ${elide(printableLine(home), lineWidth - arrow - 14)}`)}`,
    `${" ".repeat(arrow + 3)}${colour.bold("▼")}`,
    ...box("the base Python: sys.base_prefix", [printableLine(elide(basePrefix, lineWidth - 6)), ...table(lower)]).map(colour.yellow),
    "",
    ...wrap("Python knows that it runs in an environment because sys.prefix and sys.base_prefix differ.", 0),
  ];
}

type Row = readonly [place: string, meaning: string];

function table(rows: readonly Row[]): string[] {
  const width = Math.min(44, Math.max(...rows.map(([place]) => widthOf(place))));
  return rows.map(([place, meaning]) => {
    const shown = elide(place, width);
    return `  ${shown}${" ".repeat(width - widthOf(shown))}  ${meaning}`;
  });
}

/** The part of a path below a folder; the whole path when it is somewhere else. */
function below(folder: string, path: string): string {
  const part = relative(folder, path);
  return printableLine(part.startsWith("..") || part === "" ? path : part);
}

function aboutGlobal(explanation: Explanation, colour: Colours): string[] {
  const { prefix } = explanation;
  const rows: Row[] = [
    [below(prefix, explanation.links.at(-1) ?? ""), `Python ${explanation.version} itself`],
    [below(prefix, explanation.standardLibrary), "the standard library"],
    ...explanation.sitePackages.map(({ folder, count }): Row => [below(prefix, folder), `packages of everybody: ${counted(count)}`]),
  ];
  return [
    colour.bold("This is a global Python, not a virtual environment"),
    ...wrap("One folder with the executable, the standard library, and one place for packages that all your projects share.", 0),
    "",
    ...box("the Python: sys.prefix and sys.base_prefix", [printableLine(elide(prefix, lineWidth - 6)), ...table(rows)]).map(colour.yellow),
  ];
}

function executable({ links }: Explanation, colour: Colours): string[] {
  const [first = "", ...rest] = links.map(printableLine);
  const tail = rest.length === 0 ? ["  A file of its own, no link."] : rest.map((link) => `  ${colour.dim("→")} ${link}`);
  return [`  ${first}`, ...tail];
}

function config({ config: keys }: Explanation, colour: Colours): string[] {
  return keys.flatMap(({ key, value, meaning, obeyed }) => [
    `  ${obeyed ? colour.bold(printableLine(key)) : printableLine(key)} = ${printableLine(value)}`,
    ...wrap(meaning, 6).map(colour.dim),
  ]);
}

/** In an environment some places say more than by themselves. */
function nameHere(source: keyof typeof sourceNames, { environment }: Explanation): string {
  if (source === "standard-library" && environment !== null) return "the standard library, shared with the base";
  if (source !== "site-packages") return sourceNames[source];
  return environment === null ? "packages of everybody who uses this Python" : "packages of this environment";
}

function startup({ startup: codes }: Explanation, colour: Colours): string[] {
  if (codes.length === 0) return [];
  return [
    ...wrap("Code that runs at every start and may change sys.path (pen has not run it):", 2),
    ...codes.flatMap(({ file, line, text }) => [
      `    ${printableLine(file)}${line === undefined ? "" : `, line ${line}`}`,
      colour.dim(`      ${beginning(printableLine(text), lineWidth - 6)}`),
    ]),
  ];
}

function searchPath(explanation: Explanation, colour: Colours): string[] {
  return explanation.path.flatMap((entry, at) => {
    const number = String(at + 1).padStart(3);
    const missing = entry.exists ? "" : " (not there, which is usual)";
    const own = nameHere(entry.source, explanation);
    const from = entry.file === undefined ? "" : `: ${printableLine(entry.file)}, line ${entry.line ?? 0}`;
    const path = printableLine(entry.path);
    const meaning = wrap(`${own}${entry.source === "zip" || entry.source === "pythonpath" ? missing : ""}${from}`, 6);
    return [`${number} ${entry.exists ? path : colour.dim(path)}`, ...meaning.map(colour.dim)];
  });
}

function activation(
  explanation: Explanation,
  { active, command, changes }: NonNullable<Explanation["activation"]>,
  colour: Colours,
): string[] {
  const known = changes.map(({ variable, before, after }) => {
    const show = (value: string | null): string => (value === null ? "not set" : beginning(printableLine(value), lineWidth - 11));
    return [`  ${colour.bold(variable)}`, `    now    ${show(before)}`, `    after  ${show(after)}`];
  });
  const prompt = changes.find(({ variable }) => variable === "VIRTUAL_ENV_PROMPT")?.after;
  return [
    active ? "  It is active in this shell." : `  ${colour.bold(printableLine(command))}`,
    ...(active && changes.length === 0 ? ["  Activating it again would change nothing. `deactivate` takes it back."] : []),
    ...(changes.length === 0 ? [] : wrap("changes these variables of your shell, and nothing else on the machine:", 2)),
    ...known.flat(),
    ...(prompt ? [`  ${colour.bold("the prompt")}`, `    (${elide(printableLine(prompt), lineWidth - 20)}) stands in front of it`] : []),
    ...(active ? [] : wrap(`Without activation the same works by path: ${elide(printableLine(explanation.executable), 60)}`, 2)),
  ];
}

function commands({ commands: found, environment }: Explanation, colour: Colours): string[] {
  return found.flatMap(({ name, path, owner, environment: other, after }) => {
    const label = `  ${colour.bold(name.padEnd(8))}`;
    const owners = {
      this: colour.green("this environment's"),
      other: colour.yellow(`another environment's: ${printableLine(other ?? "")}`),
      global: colour.yellow("a global Python's"),
      none: "there is no such command on PATH",
    };
    const place = path === null ? [`${label}${owners.none}`] : [`${label}${printableLine(path)}`, `          ${owners[owner]}`];
    const change = environment === null || owner === "this" ? [] : [`          ${afterActivation(name, path, after)}`];
    return [...place, ...change];
  });
}

function afterActivation(name: string, path: string | null, after: string | null): string {
  if (after === null || after === path) return `the same after activation: the environment has no ${name} of its own`;
  return `after activation: ${printableLine(after)}`;
}

function note(message: string, hint: string, colour: Colours): string[] {
  const [first = "", ...rest] = wrap(printableLine(message), 2);
  return [`${colour.yellow("!")} ${first.trimStart()}`, ...rest, `  ${colour.dim("→")} ${printableLine(hint)}`];
}

function goldenRule(colour: Colours): string[] {
  return [
    "",
    colour.bold(colour.cyan("The golden rule")),
    ...wrap(
      "Never install into the global Python: all projects would share one version of each library, and programs of the system may need another. Make an environment for every project:",
      2,
    ),
    `  ${colour.bold("pen venv")}`,
  ];
}
