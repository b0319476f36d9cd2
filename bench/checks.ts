/** Looks whether a tool really did the work. Every check throws with what is wrong. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { output, type Surroundings } from "./measure.ts";

/** What `check_environment.py` found. */
export interface Found {
  readonly environment: boolean;
  /** By normalised name. */
  readonly versions: Readonly<Record<string, string>>;
  /** How many distributions have a RECORD. */
  readonly records: number;
  readonly missing: readonly string[];
  readonly files: number;
  readonly hardLinked: number;
  /** Files whose real place is outside of the environment. */
  readonly outside: number;
  /** Bytecode files in `site-packages`. */
  readonly bytecode: number;
  readonly importErrors: readonly string[];
}

const plain: Surroundings = { env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" }, cwd: "/" };

/** Asks the environment's own Python; writes nothing. */
async function look(environment: string, files: string, imports: readonly string[] = []): Promise<Found> {
  const script = join(import.meta.dir, "check_environment.py");
  return JSON.parse(await output([join(environment, "bin", "python"), "-I", "-B", script, files, ...imports], plain)) as Found;
}

/** Name → version of a pinned requirements file. */
export function readPins(path: string): Map<string, string> {
  const pins = readFileSync(path, "utf8").matchAll(/^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)/gm);
  return new Map([...pins].map(([, name = "", version = ""]) => [name.toLowerCase().replace(/[-_.]+/g, "-"), version]));
}

export interface Expected {
  readonly pins: ReadonlyMap<string, string>;
  /** A list of the files that the wheels of the pins bring, as JSON. */
  readonly files: string;
  readonly linkMode?: "hardlink" | "symlink";
  readonly imports?: readonly string[];
}

/** The environment holds exactly the pins (its own seeds aside), all files are there, in the link mode asked for, and the modules import. */
export async function checkInstalled(environment: string, { pins, files, linkMode, imports }: Expected): Promise<Found> {
  const found = await look(environment, files, imports);
  const wrong: string[] = [];
  if (!found.environment) wrong.push("no virtual environment");
  for (const [name, version] of pins) {
    if (found.versions[name] !== version) wrong.push(`${name} is ${found.versions[name] ?? "missing"}, not ${version}`);
  }
  for (const name of Object.keys(found.versions)) {
    if (!pins.has(name) && !["pip", "setuptools", "wheel"].includes(name)) wrong.push(`${name} is too much`);
  }
  if (found.missing.length > 0) wrong.push(`${found.missing.length} files of the wheels are not there, such as ${found.missing[0]}`);
  // Some files may rightly be the environment's own.
  if (linkMode === "hardlink" && found.hardLinked < found.files * 0.95)
    wrong.push(`only ${found.hardLinked} of ${found.files} files are hard links`);
  if (linkMode === "symlink" && found.outside < found.files * 0.95)
    wrong.push(`only ${found.outside} of ${found.files} files are reached by a link`);
  wrong.push(...found.importErrors);
  if (wrong.length > 0) throw new Error(wrong.slice(0, 4).join("; "));
  return found;
}

/** A working environment with its activation script, and with pip where it is wanted. Answers pip's version. */
export async function checkEnvironment(environment: string, { pip }: { pip: boolean }): Promise<string | undefined> {
  for (const path of ["pyvenv.cfg", "bin/activate", ...(pip ? ["bin/pip"] : [])]) {
    if (!existsSync(join(environment, path))) throw new Error(`${path} is not there`);
  }
  const python = join(environment, "bin", "python");
  const told = await output([python, "-I", "-B", "-c", "import sys; print(sys.prefix != sys.base_prefix, sys.prefix)"], plain);
  if (told.trim() !== `True ${environment}`) throw new Error(`its Python says ${told.trim()}`);
  if (!pip) return undefined;
  const version = await output([python, "-I", "-B", "-m", "pip", "--version"], plain);
  if (!version.includes(environment)) throw new Error(`pip is another one: ${version.trim()}`);
  return /pip (\S+)/.exec(version)?.[1];
}

/** How two pinned files differ, in words; empty when they agree. */
export function differences(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return names
    .filter((name) => ours.get(name) !== theirs.get(name))
    .map((name) => `${name} ${ours.get(name) ?? "none"} / ${theirs.get(name) ?? "none"}`);
}
