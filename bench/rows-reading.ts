/** Rows that look at what is installed: an environment of 500 packages, whose metadata are as long as those of real ones. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output, type Command } from "./measure.ts";
import type { ToolName } from "./peers.ts";
import type { Contender, Row } from "./row.ts";
import type { Workshop } from "./workshop.ts";

const count = 500;
const pad = (number: number): string => String(number).padStart(3, "0");

/** Twelve requirements of which six hold only with an extra, fifteen classifiers, and a description of four kilobytes. */
function metadataOf(number: number): string {
  const needs = [1, 2, 3, 4, 5, 6].flatMap((step) => (number >= step ? [`Requires-Dist: package-${pad(number - step)}>=1.0,<2`] : []));
  const extras = [1, 2, 3, 4, 5, 6].flatMap((extra) => [
    `Provides-Extra: x${extra}`,
    `Requires-Dist: other-${extra}>=1; extra == "x${extra}"`,
  ]);
  return [
    "Metadata-Version: 2.1",
    `Name: package-${pad(number)}`,
    `Version: 1.${number}`,
    "Summary: One of many",
    "Home-page: https://example.org",
    "Author: Nobody",
    "License: MIT",
    ...Array.from({ length: 15 }, (_, at) => `Classifier: Programming Language :: Python :: 3.${at}`),
    "Requires-Python: >=3.8",
    ...needs,
    ...extras,
    "",
    "A line of a description that is not looked at.\n".repeat(85),
  ].join("\n");
}

/** Makes the environment once in a run; all tools look at the same one. */
async function environmentOf(workshop: Workshop): Promise<string> {
  const place = workshop.place("five-hundred");
  if (existsSync(place)) return place;
  await output(workshop.lines("pen").venv(place), workshop.surroundings("pen", "warm"));
  const site = join(place, "lib", "python3.11", "site-packages");
  for (let number = 0; number < count; number += 1) {
    const folder = join(site, `package_${pad(number)}-1.${number}.dist-info`);
    mkdirSync(folder);
    writeFileSync(join(folder, "METADATA"), metadataOf(number));
    writeFileSync(join(folder, "WHEEL"), "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    writeFileSync(join(folder, "INSTALLER"), "pip\n");
    writeFileSync(join(folder, "RECORD"), `package_${pad(number)}.py,,\npackage_${pad(number)}-1.${number}.dist-info/RECORD,,\n`);
  }
  return place;
}

/** What each command must have said, wherever it is said. */
const says: Readonly<Record<string, RegExp>> = {
  list: /package-499\s+1\.499/,
  freeze: /package-499==1\.499/,
  show: /Required-by: package-251/,
  check: /No broken requirements found|All installed packages are compatible/,
};

function reading(workshop: Workshop, tool: Extract<ToolName, "pen" | "uv" | "pip">, words: readonly string[]): Contender {
  const { peers } = workshop;
  let environment = "";
  const line = (): Command =>
    tool === "pip"
      ? [peers.pip, "--python", environment, ...words]
      : [tool === "pen" ? peers.pen : peers.uv, "pip", ...words, "--python", environment];
  const surroundings = workshop.surroundings(tool, "warm");
  return {
    label: tool,
    tool,
    surroundings,
    setup: async () => {
      environment = await environmentOf(workshop);
    },
    commands: () => [line()],
    check: async () => {
      const told = await output(["/bin/sh", "-c", '"$@" 2>&1', "sh", ...line()], surroundings);
      if (says[words[0] ?? ""]?.test(told) !== true) throw new Error(`it said ${told.slice(0, 200)}`);
      return undefined;
    },
  };
}

const names =
  "uv tells names as folders are called and opens no METADATA; pen tells them as the packages write them, as pip does, and reads the first lines of each. ";
const contents = "Both read all METADATA; pen is the slower at taking text apart. ";
const start = "What is left of the difference is starting: a JavaScript program that loads a command against a native one.";

const row = (name: string, words: readonly string[], why: string): Row => ({
  name,
  work: `pip ${words.join(" ")}, 500 packages`,
  state: `One environment of 500 packages with metadata of six kilobytes each, which was looked at before. The whole process is measured. ${why}${start}`,
  reference: "uv",
  runs: 15,
  contenders: (workshop) => (["pen", "uv", "pip"] as const).map((tool) => reading(workshop, tool, words)),
});

export const readingRows: readonly Row[] = [
  row("list", ["list"], names),
  row("freeze", ["freeze"], names),
  row("show", ["show", "package-250"], contents),
  row("check", ["check"], contents),
];
