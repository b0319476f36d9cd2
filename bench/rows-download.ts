/** Rows that collect the wheels of one set for several platforms and Pythons, as an offline machine wants them. No other tool than pip downloads. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "./checks.ts";
import type { Command } from "./measure.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { recordingFolder } from "./recording.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

/** A platform in pen's word and in pip's, which takes older glibc only where each is named; and what the last part of a fitting wheel's name is. */
interface Platform {
  readonly name: string;
  readonly tags: readonly string[];
  readonly fits: RegExp;
}

const glibc = ["_2_28", "_2_27", "_2_26", "_2_24", "_2_17", "2014", "_2_12", "2010", "_2_5", "1"];
export const downloadPlatforms: readonly Platform[] = [
  { name: "linux", tags: glibc.map((version) => `manylinux${version}_x86_64`), fits: /-(any|.*manylinux.*_x86_64)\.whl$/ },
  { name: "macos", tags: ["macosx_13_0_arm64"], fits: /-(any|.*macosx_\d+_\d+_(arm64|universal2))\.whl$/ },
  { name: "windows", tags: ["win_amd64"], fits: /-(any|.*win_amd64)\.whl$/ },
];
/** Whole versions: some projects need a later 3.11 than the first. The pinned set is for the first of them. */
export const downloadPythons: readonly string[] = ["3.11.7", "3.13.0"];

/** pip's options for one Python on one platform. */
export const pipTarget = (python: string, { tags }: Platform): string[] => [
  "--only-binary",
  ":all:",
  "--python-version",
  python,
  ...tags.flatMap((tag) => ["--platform", tag]),
];

function downloading(workshop: Workshop, tool: "pen" | "pip", pythons: readonly string[]): Contender {
  const { peers, indexUrl } = workshop;
  const from = (place: string): string[] => ["-q", "-r", workshop.input("large"), "-d", place, "--index-url", indexUrl];
  const commands = ({ place }: Turn): Command[] => {
    if (tool === "pen") {
      const targets = [
        ...pythons.flatMap((version) => ["--python-version", version]),
        ...downloadPlatforms.flatMap(({ name }) => ["--python-platform", name]),
      ];
      return [[peers.pen, "pip", "download", "--python", peers.python, ...targets, ...from(place)]];
    }
    const cache = ["--cache-dir", workshop.cacheFolder("pip", "cold"), "--disable-pip-version-check", "--trusted-host", "127.0.0.1"];
    const one = (version: string, platform: Platform): Command => [
      peers.pip,
      "--python",
      peers.python,
      "download",
      ...cache,
      ...pipTarget(version, platform),
      ...from(place),
    ];
    return pythons.flatMap((version) => downloadPlatforms.map((platform) => one(version, platform)));
  };
  return {
    label: tool === "pen" ? "pen" : `pip, ${pythons.length * downloadPlatforms.length} times`,
    tool,
    surroundings: workshop.surroundings(tool, "cold"),
    prepare: () => workshop.empty(tool, "cold"),
    commands,
    check: async ({ place }) => checkFiles(place, { pins: readPins(workshop.pinned("large")), pythons }),
    clear: async ({ place }) => {
      await remove(place);
      await workshop.empty(tool, "cold");
    },
  };
}

/** Every pin has a wheel for every platform, and its project one for every other Python; every file is as long as the recorded one, and nothing else is there. */
function checkFiles(folder: string, { pins, pythons }: { pins: ReadonlyMap<string, string>; pythons: readonly string[] }): string {
  const files = readdirSync(folder);
  const odd = files.find((name) => {
    const recorded = join(recordingFolder, "files", name);
    return !existsSync(recorded) || statSync(recorded).size !== statSync(join(folder, name)).size;
  });
  if (odd !== undefined) throw new Error(`${odd} is not the recorded file`);
  for (const [name, version] of pins) {
    for (const [at, python] of pythons.entries()) {
      const stem = `${name.replaceAll("-", "_")}-${at === 0 ? `${version}-` : ""}`;
      const own = files.filter((file) => file.toLowerCase().startsWith(stem) && isForPython(file, python));
      const without = downloadPlatforms.find(({ fits }) => !own.some((file) => fits.test(file)));
      if (without !== undefined) throw new Error(`${name} ${version} lacks a wheel for Python ${python} on ${without.name}`);
    }
  }
  return `${files.length} wheels`;
}

/** `cp311-cp311` is for 3.11 alone; `cp39-abi3` and `py3-none` for that and later. */
function isForPython(file: string, python: string): boolean {
  const [tags = "", abi = ""] = file.split("-").slice(-3);
  const [, wanted] = python.split(".");
  return tags.split(".").some((tag) => {
    const [, kind, minor] = /^(py|cp)3(\d*)$/.exec(tag) ?? [];
    return kind !== undefined && (kind === "cp" && !/abi3|none/.test(abi) ? minor === wanted : Number(minor) <= Number(wanted));
  });
}

const row = (name: string, pythons: readonly string[]): Row => ({
  name,
  work: `download large for three platforms${pythons.length === 1 ? "" : ` and ${pythons.length} Pythons`}, cold (local replay)`,
  state:
    `The wheels of the six names and of all that they need, for Linux, macOS and Windows and Python ${pythons.join(" and ")}, into one folder: pen with one command, ` +
    "pip once for each target, one after the other. Caches are empty before, and the index on this machine answers without latency. " +
    "pip reads markers as those of the machine that it runs on, so it leaves out what only another platform needs. uv downloads nothing.",
  reference: `pip, ${pythons.length * downloadPlatforms.length} times`,
  runs: 3,
  contenders: (workshop) => (["pen", "pip"] as const).map((tool) => downloading(workshop, tool, pythons)),
});

export const downloadRows: readonly Row[] = [row("download", downloadPythons.slice(0, 1)), row("download-pythons", downloadPythons)];
