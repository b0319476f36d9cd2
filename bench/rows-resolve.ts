/** Rows that solve requirements. */
import { differences, readPins } from "./checks.ts";
import type { Contender, Row } from "./row.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

function compiling(workshop: Workshop, tool: "pen" | "uv", cache: "warm" | "cold"): Contender {
  return {
    label: tool,
    tool,
    surroundings: workshop.surroundings(tool, cache),
    setup: () => workshop.fill(tool, "warm"),
    prepare: async () => {
      if (cache === "cold") await workshop.empty(tool, "cold");
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

export const resolveRows: readonly Row[] = [
  {
    name: "resolve",
    work: "resolve large, warm cache, offline",
    state:
      "`pip compile --offline` from the six names to all pins; index answers and metadata are in each tool's cache, the output file is not there before.",
    limit: 1.2,
    reference: "uv",
    runs: 15,
    contenders: (workshop) => [compiling(workshop, "pen", "warm"), compiling(workshop, "uv", "warm")],
  },
  {
    name: "resolve-cold",
    work: "resolve large, cold (local replay)",
    state: "`pip compile` with an empty cache; the index on this machine answers without latency.",
    reference: "uv",
    runs: 5,
    contenders: (workshop) => [compiling(workshop, "pen", "cold"), compiling(workshop, "uv", "cold")],
  },
];
