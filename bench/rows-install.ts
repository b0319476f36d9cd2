/** Rows that put packages into environments. All take the same fully pinned requirements, written once by `uv pip compile`. */
import { checkInstalled, readPins, type Found } from "./checks.ts";
import { output, type Command } from "./measure.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { remove } from "./scratch.ts";
import { firstImports, type CacheState, type Workshop } from "./workshop.ts";

interface Installing {
  readonly tool: "pen" | "uv";
  readonly label?: string;
  readonly set: "small" | "large";
  readonly cache: CacheState;
  readonly linkMode?: "hardlink" | "symlink";
}

const python = (environment: string): string => `${environment}/bin/python`;

function describe({ files, hardLinked, outside, bytecode, records, versions }: Found): string {
  return `${files} files, ${hardLinked} hard links, ${outside} by a symlink, ${bytecode} bytecode files, RECORD in ${records} of ${Object.keys(versions).length} packages`;
}

/** `sync` into an environment that the same tool has just made; only `sync` is measured. */
function syncing(workshop: Workshop, how: Installing): Contender {
  const { tool, set, cache, linkMode } = how;
  const warm = cache === "cold" ? "warm" : cache;
  const surroundings = workshop.surroundings(tool, cache);
  const lines = workshop.lines(tool);
  const requirements = workshop.pinned(set);
  return {
    label: how.label ?? tool,
    tool,
    surroundings,
    setup: () => workshop.fill(tool, warm),
    prepare: async ({ place }) => {
      if (cache === "cold") await workshop.empty(tool, "cold");
      await output(lines.venv(place), workshop.surroundings(tool, warm));
    },
    commands: ({ place }) => [lines.sync({ environment: place, requirements, ...(linkMode === undefined ? {} : { linkMode }) })],
    check: async ({ place, number }) => {
      const imports = number > 0 ? [] : set === "large" ? firstImports : ["requests"];
      const expected = {
        pins: readPins(requirements),
        files: workshop.files(set),
        imports,
        ...(linkMode === undefined ? {} : { linkMode }),
      };
      return describe(await checkInstalled(place, expected));
    },
    clear: async ({ place }) => {
      await remove(place);
      if (cache === "cold") await workshop.empty(tool, "cold");
    },
  };
}

/** `venv`, then `sync`, then the first import: all measured. */
function firstImport(workshop: Workshop, tool: "pen" | "uv", cache: "warm" | "used"): Contender {
  const once = syncing(workshop, { tool, set: "large", cache, linkMode: "hardlink" });
  const lines = workshop.lines(tool);
  const imports = (place: string): Command => [python(place), "-c", `import ${firstImports.join(", ")}`];
  return {
    label: once.label,
    tool,
    surroundings: once.surroundings,
    setup: () => workshop.fill(tool, cache),
    commands: (turn: Turn) => [lines.venv(turn.place), ...once.commands(turn), imports(turn.place)],
    check: once.check,
    clear: ({ place }) => remove(place),
  };
}

/** `sync` where everything is there already. The environment is made in the first turn and stays. */
function nothingToDo(workshop: Workshop, tool: "pen" | "uv"): Contender {
  const first = syncing(workshop, { tool, set: "large", cache: "warm", linkMode: "hardlink" });
  const place = workshop.place(`same-${tool}`);
  const turn: Turn = { number: 0, place };
  const changed = async (): Promise<string> =>
    output(["/usr/bin/find", place, "-newer", workshop.stamp, "-type", "f", "-not", "-path", `${place}/.pen/lock`], first.surroundings);
  return {
    label: tool,
    tool,
    surroundings: first.surroundings,
    setup: async () => {
      await workshop.fill(tool, "warm");
      await first.prepare?.(turn);
      for (const command of first.commands(turn)) await output(command, first.surroundings);
    },
    prepare: () => workshop.touchStamp(),
    commands: () => first.commands(turn),
    check: async ({ number }) => {
      const files = (await changed()).trim();
      if (files !== "") throw new Error(`it wrote ${files.split("\n").length} files, such as ${files.split("\n")[0]}`);
      return first.check({ number, place });
    },
  };
}

/** The real pip on the small set; its HTTP cache is warm after the first turn. */
function pipInstalling(workshop: Workshop): Contender {
  const surroundings = workshop.surroundings("pip", "warm");
  const requirements = workshop.pinned("small");
  const { pip, python: base } = workshop.peers;
  return {
    label: "pip",
    tool: "pip",
    surroundings,
    prepare: async ({ place }) => void (await output([base, "-m", "venv", "--without-pip", place], surroundings)),
    commands: ({ place }) => [
      [pip, "--python", place, "install", "-q", "--trusted-host", "127.0.0.1", "--index-url", workshop.indexUrl, "-r", requirements],
    ],
    check: async ({ place, number }) =>
      describe(
        await checkInstalled(place, {
          pins: readPins(requirements),
          files: workshop.files("small"),
          imports: number === 0 ? ["requests"] : [],
        }),
      ),
    clear: ({ place }) => remove(place),
  };
}

export const installRows: readonly Row[] = [
  {
    name: "install-small",
    work: "install small (requests), warm",
    state:
      "Caches filled, `pip sync` into a new environment, link mode as each tool chooses; `pip install -r` compiles bytecode too, as it does by default.",
    reference: "uv",
    runs: 11,
    contenders: (workshop) => [
      syncing(workshop, { tool: "pen", set: "small", cache: "warm" }),
      syncing(workshop, { tool: "uv", set: "small", cache: "warm" }),
      pipInstalling(workshop),
    ],
  },
  {
    name: "install-hardlink",
    work: "install large, warm store, hard links, into a new environment",
    state:
      "Wheels unpacked in each tool's cache, no bytecode there; the environment was made just before by the same tool, without pip. `pip sync --link-mode hardlink`.",
    limit: 0.5,
    reference: "uv",
    runs: 7,
    contenders: (workshop) => [
      syncing(workshop, { tool: "pen", set: "large", cache: "warm", linkMode: "hardlink" }),
      syncing(workshop, { tool: "uv", set: "large", cache: "warm", linkMode: "hardlink" }),
    ],
  },
  {
    name: "install-hardlink-used",
    work: "the same, where pen's store has shared bytecode",
    state:
      "As above, but an earlier environment has imported the modules: pen links their bytecode as well, so it has more to do here and less at the import.",
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [
      syncing(workshop, { tool: "pen", set: "large", cache: "used", linkMode: "hardlink" }),
      syncing(workshop, { tool: "uv", set: "large", cache: "used", linkMode: "hardlink" }),
    ],
  },
  {
    name: "install-symlink",
    work: "install large, warm store, pen with symlinks",
    state:
      "As `install-hardlink`, pen with `--link-mode symlink`, uv once with hard links (the limit counts against this) and once with its own `--link-mode symlink`.",
    limit: 0.05,
    reference: "uv, hard links",
    runs: 7,
    contenders: (workshop) => [
      syncing(workshop, { tool: "pen", set: "large", cache: "linked", linkMode: "symlink" }),
      syncing(workshop, { tool: "uv", label: "uv, hard links", set: "large", cache: "warm", linkMode: "hardlink" }),
      syncing(workshop, { tool: "uv", label: "uv, symlinks", set: "large", cache: "linked", linkMode: "symlink" }),
    ],
  },
  {
    name: "first-import",
    work: "new environment + large + first import, store used before",
    state:
      "`venv`, `pip sync --link-mode hardlink`, then `import pandas, django, boto3, notebook, IPython` in one measurement. Caches filled, and an earlier environment " +
      "of the same cache has imported these modules once: pen shares the bytecode that this import made, uv shares none. Memory is that of the tool, not of the import.",
    limit: 0.4,
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [firstImport(workshop, "pen", "used"), firstImport(workshop, "uv", "used")],
  },
  {
    name: "first-import-ever",
    work: "the same, first time on this machine",
    state: "As above, but no environment of this cache has imported anything yet, so there is no bytecode to share.",
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [firstImport(workshop, "pen", "warm"), firstImport(workshop, "uv", "warm")],
  },
  {
    name: "sync-nothing",
    work: "`pip sync` with nothing to do, large",
    state: "The environment holds all of it already, by hard links. No file in it may change but pen's own lock.",
    limit: 0.3,
    reference: "uv",
    runs: 15,
    contenders: (workshop) => [nothingToDo(workshop, "pen"), nothingToDo(workshop, "uv")],
  },
  {
    name: "install-cold",
    work: "install large, cold (local replay)",
    state:
      "The tool's cache is empty before every run; everything comes from the index on this machine, without latency. Link mode hard links, new environment.",
    limit: 0.9,
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [
      syncing(workshop, { tool: "pen", set: "large", cache: "cold", linkMode: "hardlink" }),
      syncing(workshop, { tool: "uv", set: "large", cache: "cold", linkMode: "hardlink" }),
    ],
  },
];
