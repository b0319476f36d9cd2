/** Rows about many environments: making a thousand in one loop, and telling of a thousand. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkEnvironment } from "./checks.ts";
import { output, type Command } from "./measure.ts";
import type { ToolName } from "./peers.ts";
import type { Contender, Row } from "./row.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

interface Loop {
  readonly label: string;
  readonly tool: ToolName;
  readonly count: number;
  /** Where the tool keeps what its environments link to. */
  readonly shared: string;
  readonly command: (place: string) => Command;
}

/** What the environments take on the disk beside what is shared: `du` counts a file with several names once, where it meets it first. */
async function diskOf(places: string, shared: string): Promise<number> {
  mkdirSync(shared, { recursive: true });
  const told = await output(["/usr/bin/du", "-s", "--block-size=1", shared, places], { env: { PATH: "/usr/bin:/bin" }, cwd: "/" });
  return Number(told.trim().split("\n").at(-1)?.split("\t")[0]);
}

function loop(workshop: Workshop, { label, tool, count, shared, command }: Loop): Contender {
  return {
    label,
    tool,
    surroundings: workshop.surroundings(tool, "warm"),
    prepare: async ({ place }) => {
      mkdirSync(place);
    },
    commands: ({ place }) => Array.from({ length: count }, (_, number) => command(join(place, `e${number}`))),
    check: async ({ place }) => {
      for (const number of [0, count >> 1, count - 1]) await checkEnvironment(join(place, `e${number}`), { pip: true });
      return `${Math.round((await diskOf(place, shared)) / count / 1024)} KiB of disk for each environment, beside the tool's cache`;
    },
    clear: ({ place }) => remove(place),
  };
}

const penLoop = (workshop: Workshop, count: number): Contender =>
  loop(workshop, {
    label: "pen",
    tool: "pen",
    count,
    shared: workshop.cacheFolder("pen", "warm"),
    command: (place) => workshop.lines("pen").venv(place, { python: workshop.peers.newerPython, seed: true }),
  });

/** What people have today: a script that reads every `pyvenv.cfg`. This one tells of names and versions alone. */
const short = `import os, sys
for name in sorted(os.listdir(sys.argv[1])):
    with open(os.path.join(sys.argv[1], name, "pyvenv.cfg")) as file:
        config = dict(line.partition(" = ")[::2] for line in file.read().splitlines())
    print(name, config.get("version"))
`;

/** The same with what pen tells: packages, sizes apart and shared, last use, whether the Python is there. */
const full = `import glob, os, sys
for name in sorted(os.listdir(sys.argv[1])):
    root = os.path.join(sys.argv[1], name)
    own = shared = 0
    for folder, folders, files in os.walk(root):
        for entry in [*folders, *files]:
            status = os.lstat(os.path.join(folder, entry))
            if status.st_nlink > 1 and entry in files: shared += status.st_blocks * 512
            else: own += status.st_blocks * 512
    used = max(os.lstat(path).st_atime for path in [root + "/pyvenv.cfg", *glob.glob(root + "/bin/activate*")])
    with open(root + "/pyvenv.cfg") as file:
        config = dict(line.partition(" = ")[::2] for line in file.read().splitlines())
    packages = len(glob.glob(root + "/lib/*/site-packages/*.dist-info"))
    print(name, config.get("version"), packages, own, shared, used, os.path.exists(root + "/bin/python"))
`;

function listing(workshop: Workshop): readonly Contender[] {
  const count = 1000;
  const many = workshop.place("many-to-list");
  const pen = workshop.surroundings("pen", "warm");
  const surroundings = { ...pen, env: { ...pen.env, HOME: join(workshop.folder, "homes", "pen-list") } };
  const list: Command = [workshop.peers.pen, "env", "list", "--json"];
  return [
    {
      label: "pen",
      tool: "pen",
      surroundings,
      setup: async () => {
        const line = workshop.lines("pen").venv;
        for (let number = 0; number < count; number += 1)
          await output(line(join(many, `e${number}`), { python: workshop.peers.newerPython, seed: true }), surroundings);
      },
      commands: () => [list],
      check: async () => {
        const { items } = JSON.parse(await output(list, surroundings)) as {
          items: Array<{ path: string; packages: number; health: string }>;
        };
        const found = items.filter(({ path, packages, health }) => path.startsWith(`${many}/`) && packages === 1 && health === "ok");
        if (found.length !== count) throw new Error(`${found.length} of ${count} environments are told of`);
        return `${count} environments with Python, packages, sizes, last use and health; the aim is 0.3 s`;
      },
    },
    scripted(workshop, { label: "script that tells the same", script: full, many, count }),
    scripted(workshop, { label: "script that tells names and versions", script: short, many, count }),
  ];
}

function scripted(
  workshop: Workshop,
  { label, script, many, count }: { readonly label: string; readonly script: string; readonly many: string; readonly count: number },
): Contender {
  const surroundings = workshop.surroundings("venv", "warm");
  const command: Command = [workshop.peers.newerPython, "-I", "-S", "-c", script, many];
  return {
    label,
    tool: "venv",
    surroundings,
    commands: () => [command],
    check: async () => {
      const lines = (await output(command, surroundings)).trim().split("\n");
      if (lines.length !== count) throw new Error(`${lines.length} of ${count} environments are told of`);
      return undefined;
    },
  };
}

const loopState =
  "One command after another for every environment, in an empty folder; pip is in each tool's cache. Python 3.12 or newer where there is one, as in venv-seed.";

export const environmentRows: readonly Row[] = [
  {
    name: "many",
    work: "1,000 environments with pip in one loop",
    state: `${loopState} Always all 1,000 on both sides, in one counted turn.`,
    limit: 1,
    reference: "uv",
    runs: 1,
    contenders: (workshop) => [
      penLoop(workshop, 1000),
      loop(workshop, {
        label: "uv",
        tool: "uv",
        count: 1000,
        shared: workshop.cacheFolder("uv", "warm"),
        command: (place) => workshop.lines("uv").venv(place, { python: workshop.peers.newerPython, seed: true }),
      }),
    ],
  },
  {
    name: "hundred",
    work: "100 environments with pip in one loop",
    state: `${loopState} A hundred on both sides, since virtualenv would need a quarter of an hour for a thousand.`,
    reference: "virtualenv",
    runs: 1,
    contenders: (workshop) => [
      penLoop(workshop, 100),
      loop(workshop, {
        label: "virtualenv",
        tool: "virtualenv",
        count: 100,
        shared: join(workshop.folder, "homes", "virtualenv", ".cache"),
        command: (place) => [workshop.peers.virtualenv, "-q", "-p", workshop.peers.newerPython, place],
      }),
    ],
  },
  {
    name: "env-list",
    work: "`env list` over 1,000 environments with pip",
    state:
      "The environments were made by pen and stand in a folder that pen is not told of: it remembers them. The sizes were measured once before. No other tool tells of all " +
      "environments; beside it stand two scripts run by Python without site packages, one that tells the same and measures each time, and one that tells less.",
    reference: "script that tells the same",
    runs: 5,
    contenders: listing,
  },
];
