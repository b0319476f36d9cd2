/** Rows that need no packages: start-up, and new environments. */
import { checkEnvironment } from "./checks.ts";
import { output, type Command } from "./measure.ts";
import type { ToolName } from "./peers.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

function version(workshop: Workshop, tool: "pen" | "uv"): Contender {
  const surroundings = workshop.surroundings(tool, "warm");
  const command: Command = [workshop.peers[tool], "--version"];
  return {
    label: tool,
    tool,
    surroundings,
    commands: () => [command],
    check: async () => {
      const told = await output(command, surroundings);
      if (!/\d+\.\d+/.test(told)) throw new Error(`it said ${told.trim()}`);
      return undefined;
    },
  };
}

interface Creation {
  readonly label: string;
  readonly tool: ToolName;
  readonly pip: boolean;
  readonly command: (place: string) => Command;
}

function creation(workshop: Workshop, { label, tool, pip, command }: Creation): Contender {
  return {
    label,
    tool,
    surroundings: workshop.surroundings(tool, "warm"),
    commands: ({ place }: Turn) => [command(place)],
    check: async ({ place }) => {
      const found = await checkEnvironment(place, { pip });
      return found === undefined ? undefined : `pip ${found}`;
    },
    clear: ({ place }) => remove(place),
  };
}

export const creationRows: readonly Row[] = [
  {
    name: "version",
    work: "`--version`",
    state: "Whole process, nothing else.",
    limit: 1.2,
    reference: "uv",
    runs: 41,
    contenders: (workshop) => [version(workshop, "pen"), version(workshop, "uv")],
  },
  {
    name: "venv",
    work: "new environment without pip",
    state:
      "Python 3.11, its description known to each tool's cache. `pen venv --no-seed`, `uv venv`, `virtualenv --no-seed`, `python -m venv --without-pip`.",
    limit: 0.75,
    reference: "uv",
    runs: 21,
    contenders: (workshop) => {
      const { python, virtualenv } = workshop.peers;
      const bare = { pip: false };
      return [
        creation(workshop, { ...bare, label: "pen", tool: "pen", command: workshop.lines("pen").venv }),
        creation(workshop, { ...bare, label: "uv", tool: "uv", command: workshop.lines("uv").venv }),
        creation(workshop, {
          ...bare,
          label: "virtualenv",
          tool: "virtualenv",
          command: (place) => [virtualenv, "-q", "--no-seed", "-p", python, place],
        }),
        creation(workshop, {
          ...bare,
          label: "python -m venv",
          tool: "venv",
          command: (place) => [python, "-m", "venv", "--without-pip", place],
        }),
      ];
    },
  },
  {
    name: "venv-seed",
    work: "new environment with pip",
    state:
      "Python 3.12 or newer where there is one (before it uv's `--seed` adds setuptools and wheel, and pen is then told to do the same). pip is in each tool's cache. " +
      "`pen venv` and `uv venv --seed` take the newest pip of the index, virtualenv its embedded one, `python -m venv` the one that came with Python.",
    limit: 0.25,
    reference: "uv",
    runs: 11,
    contenders: (workshop) => {
      const { newerPython: python, virtualenv } = workshop.peers;
      const seeded = { pip: true };
      const options = { python, seed: true };
      return [
        creation(workshop, { ...seeded, label: "pen", tool: "pen", command: (place) => workshop.lines("pen").venv(place, options) }),
        creation(workshop, { ...seeded, label: "uv", tool: "uv", command: (place) => workshop.lines("uv").venv(place, options) }),
        creation(workshop, {
          ...seeded,
          label: "virtualenv",
          tool: "virtualenv",
          command: (place) => [virtualenv, "-q", "-p", python, place],
        }),
        creation(workshop, {
          ...seeded,
          label: "virtualenv, symlinked app data",
          tool: "virtualenv",
          command: (place) => [virtualenv, "-q", "--symlink-app-data", "-p", python, place],
        }),
        creation(workshop, { ...seeded, label: "python -m venv", tool: "venv", command: (place) => [python, "-m", "venv", place] }),
      ];
    },
  },
];
