/** Rows that solve requirements. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences, readPins } from "./checks.ts";
import type { Contender, Row } from "./row.ts";
import { remove } from "./scratch.ts";
import { hashedSets, type Workshop } from "./workshop.ts";

/** `asked`: whether the same question was answered from this cache before. */
function compiling(
  workshop: Workshop,
  tool: "pen" | "uv",
  { cache, asked = false }: { cache: "warm" | "cold"; asked?: boolean },
): Contender {
  return {
    label: tool,
    tool,
    surroundings: workshop.surroundings(tool, cache),
    setup: () => workshop.fill(tool, "warm"),
    prepare: async () => {
      if (cache === "cold") await workshop.empty(tool, "cold");
      // pen keeps answers (docs/cache-layout.md); uv keeps none.
      else if (!asked) await remove(join(workshop.cacheFolder(tool, "warm"), "answers"));
    },
    commands: ({ place }) => [workshop.lines(tool).compile({ input: workshop.input("large"), output: place, offline: cache === "warm" })],
    check: async ({ place }) => {
      const ours = readPins(place);
      if (ours.size < 50) throw new Error(`it pinned only ${ours.size} packages`);
      const differing = differences(ours, readPins(workshop.pinned("large")));
      return differing.length === 0
        ? `${ours.size} pins, the same as uv's`
        : `${ours.size} pins; other than uv's (own / uv): ${differing.join(", ")}`;
    },
    clear: async ({ place }) => {
      await remove(place);
      if (cache === "cold") await workshop.empty(tool, "cold");
    },
  };
}

/** One after the other, into files that are not there before. */
function hashing(workshop: Workshop, tool: "pen" | "uv"): Contender {
  const output = (place: string, set: string): string => `${place}-${set}.txt`;
  return {
    label: tool,
    tool,
    surroundings: workshop.surroundings(tool, "cold"),
    prepare: () => workshop.empty(tool, "cold"),
    commands: ({ place }) =>
      hashedSets.map((set) =>
        workshop.lines(tool).compile({ input: workshop.input(set), output: output(place, set), offline: false, hashes: true }),
      ),
    check: async ({ place }) => {
      const counts = hashedSets.map((set) => {
        const pins = readPins(output(place, set)).size;
        const hashes = readFileSync(output(place, set), "utf8").split("--hash=sha256:").length - 1;
        if (pins === 0 || hashes < pins) throw new Error(`${set} has ${pins} pins and ${hashes} hashes`);
        return `${set} ${pins}`;
      });
      return `pins: ${counts.join(", ")}`;
    },
    clear: async ({ place }) => {
      for (const set of hashedSets) await remove(output(place, set));
      await workshop.empty(tool, "cold");
    },
  };
}

export const resolveRows: readonly Row[] = [
  {
    name: "compile-hashes",
    work: "compile trio, black and jupyter with hashes, cold (local replay)",
    state:
      "Three `pip compile --generate-hashes`, one after the other, the first with an empty cache; the index on this machine answers without latency. " +
      "Where uv is ahead: pen takes 13 MB of pages apart and keeps them by version, in one thread.",
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [hashing(workshop, "pen"), hashing(workshop, "uv")],
  },
  {
    name: "resolve",
    work: "resolve large, warm cache, offline",
    state:
      "`pip compile --offline` from the six names to all pins; the output file is not there before. Each tool's cache is as earlier runs of the same command left it: " +
      "index answers and metadata, and in pen's also the answer of the solver, which counts while every page that it rests on is unchanged.",
    limit: 1.2,
    reference: "uv",
    runs: 15,
    contenders: (workshop) => [compiling(workshop, "pen", { cache: "warm", asked: true }), compiling(workshop, "uv", { cache: "warm" })],
  },
  {
    name: "resolve-new",
    work: "the same, a question that was not asked before",
    state:
      "As above, but pen's kept answers are removed before every run: both tools solve, from what earlier runs left in their caches of pages and metadata, each in its own form (docs/cache-layout.md).",
    reference: "uv",
    runs: 15,
    contenders: (workshop) => [compiling(workshop, "pen", { cache: "warm" }), compiling(workshop, "uv", { cache: "warm" })],
  },
  {
    name: "resolve-cold",
    work: "resolve large, cold (local replay)",
    state:
      "`pip compile` with an empty cache; the index on this machine answers without latency. Where uv is ahead: as in `compile-hashes`, with more pages.",
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [compiling(workshop, "pen", { cache: "cold" }), compiling(workshop, "uv", { cache: "cold" })],
  },
];
