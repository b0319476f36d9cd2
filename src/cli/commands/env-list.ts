import { listEnvironments, type KnownEnvironment } from "#operations";
import type { Command } from "../command.ts";
import { drawEnvironments } from "../output/environments.ts";
import { sizeText } from "../output/sizes.ts";

type Health = KnownEnvironment["health"];
type Place = KnownEnvironment["place"];

const ill: readonly Health[] = ["gone", "changed", "broken"];

/** The words of `--place`, as the column Found has them. */
const places: Readonly<Record<string, readonly Place[]>> = {
  active: ["active"],
  here: ["project", "folder"],
  named: ["named"],
  workon: ["virtualenvwrapper"],
  pipenv: ["pipenv"],
  poetry: ["poetry"],
  hatch: ["hatch"],
  pdm: ["pdm"],
  uv: ["uv"],
  pipx: ["pipx"],
  pyenv: ["pyenv"],
  conda: ["conda"],
  pen: ["pen", "store"],
};

export const command: Command = {
  summary: "List the environments of this machine",
  description:
    "Those that pen made, worked in or found before, wherever they stand; those here, also the .venv of each project in this folder; and those of virtualenvwrapper, pipenv, poetry, hatch, pdm, uv, pipx, pyenv and conda, where these tools keep them by their variables and configuration. The .venv of a project elsewhere that pen never worked in is found by --search. Own is what deleting one gives back; shared is linked to the store or to other environments. Used is when something was installed, or when pyvenv.cfg or an activation script was read; most systems note reading once a day only.",
  arguments: [{ name: "PATTERN", help: "Only those whose name fits: `*` is any text, `?` any character.", repeated: true }],
  options: [
    {
      name: "health",
      kind: "list",
      metavar: "STATE",
      choices: ["ok", "ill", ...ill],
      help: "Only those in this state; ill is any but ok. May be repeated.",
    },
    {
      name: "place",
      kind: "list",
      metavar: "PLACE",
      choices: Object.keys(places),
      help: "Only those that were found there: the words of the column Found. May be repeated.",
    },
    {
      name: "search",
      kind: "list",
      metavar: "DIR",
      help: "Look for environments in all folders below this one, too; those that are found are remembered. May be repeated.",
    },
    { name: "no-size", kind: "flag", help: "Do not measure; the first time that takes a look at every file." },
  ],
  examples: [
    ["pen env list", "those used last come first"],
    ["pen env list 'web*' --health ill", "what is to be mended of those whose name begins with web"],
    ["pen env list --search ~/projects", "find those in projects that pen never worked in"],
    ["pen env list --json", "for programs"],
  ],
  async run(context) {
    const { parsed } = context;
    const health = parsed.list("health").flatMap((word) => (word === "ill" ? ill : [word as Health]));
    const chosen = parsed.list("place").flatMap((word) => places[word] ?? []);
    const isFiltered = health.length > 0 || chosen.length > 0 || parsed.arguments.length > 0;
    const environments = await listEnvironments({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      sizes: !parsed.flag("no-size"),
      searches: parsed.list("search"),
      ...(parsed.arguments.length === 0 ? {} : { names: parsed.arguments }),
      ...(health.length === 0 ? {} : { health }),
      ...(chosen.length === 0 ? {} : { places: chosen }),
    });
    if (context.json) {
      context.result(
        environments.map((environment) => ({ ...environment, size: environment.size === null ? null : { ...environment.size } })),
      );
      return;
    }
    if (environments.length === 0) {
      context.terminal.out(
        isFiltered ? "No environment is like that. All of them: pen env list\n" : "No environment was found. Make one: pen venv\n",
      );
      return;
    }
    context.terminal.out(drawEnvironments(environments, { colour: context.colour, now: context.host.now() }));
    const own = environments.reduce((sum, { size }) => sum + (size?.own ?? 0), 0);
    const count = environments.length === 1 ? "1 environment" : `${environments.length} environments`;
    if (!parsed.flag("no-size")) context.terminal.out(`\n${count}, ${sizeText(own)} of their own\n`);
  },
};
