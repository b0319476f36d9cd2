import { relative } from "node:path";
import { printableLine } from "#foundation";
import { createEnvironment } from "#operations";
import { indexOptions, linkOptions } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { durationText } from "../output/sizes.ts";
import { indexesOf, linkModeOf } from "./installing.ts";

export const command: Command = {
  summary: "Make a virtual environment",
  description: "A folder with its own python, pip and packages; the standard library is shared with the Python it is made from.",
  arguments: [{ name: "DIR", help: "Where; default .venv.", repeated: true }],
  options: [
    {
      name: "python",
      short: "p",
      kind: "value",
      metavar: "PYTHON",
      variable: "PEN_PYTHON",
      help: "Which Python: 3.12, >=3.10, pypy, a path, …",
    },
    { name: "seed", negation: "no-seed", kind: "flag", help: "Put pip in, which is the default." },
    { name: "without-pip", kind: "flag", help: "The same as --no-seed. Careful: then the word `pip` is another Python's." },
    {
      name: "seed-package",
      kind: "list",
      metavar: "PACKAGE",
      help: "Put this in beside pip (setuptools, wheel==0.45, …); may be repeated.",
    },
    { name: "system-site-packages", kind: "flag", help: "Let the environment see the packages of its Python." },
    { name: "prompt", kind: "value", metavar: "TEXT", help: "What the shell shows while it is active; `.` is the folder's name." },
    { name: "copies", aliases: ["always-copy"], negation: "symlinks", kind: "flag", help: "Copy the interpreter instead of linking it." },
    { name: "clear", kind: "flag", help: "Make an existing environment anew." },
    { name: "allow-existing", kind: "flag", help: "Lay the environment over what is there." },
    { name: "force", kind: "flag", help: "Let --clear delete a folder that is no environment." },
    { name: "no-vcs-ignore", aliases: ["without-scm-ignore-files"], kind: "flag", help: "Write no .gitignore and CACHEDIR.TAG." },
    ...linkOptions.filter(({ name }) => name === "link-mode"),
    ...indexOptions,
  ],
  examples: [
    ["pen venv", "an environment in .venv, with pip"],
    ["pen venv -p 3.12 env", "in env, with Python 3.12"],
    [". .venv/bin/activate", "work in it (source .venv/bin/activate.fish in fish)"],
  ],
  async run(context) {
    const { parsed, host, terminal } = context;
    const started = Date.now();
    const created = [];
    for (const path of parsed.arguments.length === 0 ? [".venv"] : parsed.arguments) {
      created.push(
        await createEnvironment({
          host,
          onEvent: context.emit,
          signal: context.signal,
          path,
          python: parsed.value("python"),
          seed: seedsOf(parsed.flagIfGiven("seed") !== false && !parsed.flag("without-pip"), parsed.list("seed-package")),
          systemSitePackages: parsed.flag("system-site-packages"),
          prompt: parsed.value("prompt"),
          copies: parsed.flag("copies"),
          clear: parsed.flag("clear"),
          allowExisting: parsed.flag("allow-existing"),
          force: parsed.flag("force"),
          vcsIgnore: !parsed.flag("no-vcs-ignore"),
          linkMode: linkModeOf(parsed),
          indexes: indexesOf(parsed),
        }),
      );
    }
    if (context.json) {
      const environments = created.map(({ environment, interpreter, seeded }) => ({
        path: environment.root,
        python: environment.python,
        version: interpreter.version,
        base: interpreter.baseExecutable,
        seeded: seeded.map(({ name, version }) => ({ name, version })),
      }));
      context.result({ environments });
      return;
    }
    if (context.quiet > 0) return;
    for (const { environment, interpreter, seeded } of created) {
      const shown = relative(host.cwd, environment.root);
      const place = shown.startsWith("..") ? environment.root : shown || ".";
      const inside = seeded.length === 0 ? "" : ` with ${seeded.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
      terminal.out(
        `Made ${context.colour.bold(printableLine(place))}: ${interpreter.implementation === "cpython" ? "Python" : interpreter.implementation} ${interpreter.version}${inside}, in ${durationText(Date.now() - started)}.\n`,
      );
      terminal.out(`Activate it: ${printableLine(activationLine(place, host.env["SHELL"]))}\n`);
    }
  },
};

const seedsOf = (withPip: boolean, named: readonly string[]): readonly string[] => [...new Set([...(withPip ? ["pip"] : []), ...named])];

/** A line that can be copied into the person's own shell, whatever is in the name. */
function activationLine(place: string, shell: string | undefined): string {
  const isFish = shell?.endsWith("fish") === true;
  const script = `${place}/bin/activate${isFish ? ".fish" : ""}`;
  const safe = /^[\w./@%+=:,-]+$/.test(script)
    ? script
    : `'${isFish ? script.replace(/[\\']/g, "\\$&") : script.replaceAll("'", `'\\''`)}'`;
  return `${isFish ? "source" : "."} ${safe.startsWith("-") ? `./${safe}` : safe}`;
}
