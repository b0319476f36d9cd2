/**
 * The same project twice: once worked on by the real pipenv, once by pen under the name `pipenv`, one after the other at the same path, with the
 * same local index, variables and (empty) home, so that what they leave can be compared byte by byte. A case is a row in one of the tables
 * `cases-*.ts`. What may differ is named in the row with its reason and with what pen leaves; a difference that is no longer one fails as well.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, keptFolder, program, type Ran } from "../support/program.ts";
import { tool } from "../support/tools.ts";
import { twinPackages } from "./twin-packages.ts";

/** One thing that is done in the project. */
export type Step =
  /** The words after `pipenv`; `'…'` holds words together. */
  | string
  | {
      readonly run: string;
      /** Standard output is compared, line by line. */
      readonly prints?: true;
      /** Both say this (whatever else they say, and wherever). */
      readonly says?: readonly string[];
      /** A folder below the project to stand in. */
      readonly from?: string;
    }
  /** Files of the project, as a person changes them in between; null removes one. */
  | { readonly write: Readonly<Record<string, string | null>> };

/** What is compared after every command. */
export type Aspect = "status" | "Pipfile" | "Pipfile.lock" | "files" | "packages" | "environments" | "prints" | "says";

/** A difference that is meant. */
export interface Difference {
  readonly why: string;
  /** What pen leaves, as text: everything of the aspect, after every command, in which this must stand. */
  readonly pen: string | RegExp;
}

export interface TwinCase {
  /** The files of the project. `{index}` is the URL of the local index, `{origin}` its server, `{host}` that without `http://`, `{project}` the folder, `{python}` a Python, `{version}` its version. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly steps: readonly Step[];
  /** Beside the clean ones. The same fields are filled in. */
  readonly env?: Readonly<Record<string, string>>;
  /** An environment stands ready in `.venv` unless this says `none`: then where and what is made is compared too. */
  readonly environment?: "none";
  readonly differs?: Partial<Record<Aspect, Difference>>;
}

/** What one of the two left: one text of each aspect and command. */
export interface Left {
  readonly aspects: Readonly<Record<Aspect, readonly string[]>>;
  /** For reading when a comparison fails. */
  readonly transcript: string;
}

/** A Pipfile whose first source is the local index. */
export const pipfile = (rest: string): string => `[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "local"\n\n${rest}`;

export type Who = "pipenv" | "pen";

export interface Twins {
  perform(name: string, given: TwinCase, who: Who): Promise<Left>;
  close(): Promise<void>;
}

export const realPipenv: string | undefined = tool("pipenv");

/** The Python that the tools stand on: pipenv's own modules are compiled for it. */
export const twinPython: string | undefined = basePython();

function basePython(): string | undefined {
  const python = tool("python");
  if (python === undefined) return undefined;
  const { status, stdout } = spawnSync(python, ["-I", "-c", "import sys; print(sys._base_executable)"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** `3.11`. */
const twinVersion: string =
  twinPython === undefined
    ? ""
    : spawnSync(twinPython, ["-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], { encoding: "utf8" }).stdout.trim();

/** An environment as pipenv makes it (pip in it), made once and copied by links. */
function templateEnvironment(): string {
  const python = twinPython ?? "";
  const made = keptFolder("twin-environment", `${python} ${statSync(python).mtimeMs}`, (folder) => {
    const { status, stdout, stderr } = spawnSync(tool("virtualenv") ?? "", ["-q", "-p", python, join(folder, "env")], {
      encoding: "utf8",
      env: cleanEnvironment(join(folder, "home"), { VIRTUALENV_NO_PERIODIC_UPDATE: "1" }),
    });
    if (status !== 0) throw new Error(stdout + stderr);
  });
  return join(made, "env");
}

/** A folder of links to the few programs that both may find: one Python, and what scripts are made of. */
function programFolder(below: string, who: Who): string {
  const folder = join(below, `bin-${who}`);
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  const python = twinPython ?? "";
  const links = new Map([
    ["python3", python],
    ["python", python],
    [`python${twinVersion}`, python],
    ["pipenv", who === "pen" ? program() : (realPipenv ?? "")],
  ]);
  for (const name of ["sh", "bash", "env", "git", "cat", "echo", "true", "false", "ls"]) {
    const path = ["/usr/bin", "/bin", "/usr/local/bin"].map((place) => join(place, name)).find(existsSync);
    if (path !== undefined) links.set(name, path);
  }
  for (const [name, target] of links) symlinkSync(target, join(folder, name));
  return folder;
}

/** Starts the index and makes the room in which cases are performed. */
export async function openTwins(): Promise<Twins> {
  const index = await startIndex({ projects: twinPackages() });
  const folder = mkdtempSync(join(tmpdir(), "pen-twins-"));
  return {
    perform: (name, given, who) => perform({ index, folder }, { name, given, who }),
    close: async () => {
      await index.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Room {
  readonly index: IndexServer;
  readonly folder: string;
}

/** One at a time for one name: both work at the same path. */
async function perform(room: Room, { name, given, who }: { name: string; given: TwinCase; who: Who }): Promise<Left> {
  const place = join(room.folder, name.replace(/\W+/g, "-"));
  const project = join(place, "project");
  mkdirSync(project, { recursive: true });
  const fill = (text: string): string =>
    text
      .replaceAll("{index}", room.index.indexUrl)
      .replaceAll("{origin}", room.index.origin)
      .replaceAll("{host}", room.index.origin.replace("http://", ""))
      .replaceAll("{version}", twinVersion)
      .replaceAll("{project}", project)
      .replaceAll("{python}", twinPython ?? "");
  const write = (files: Readonly<Record<string, string | Uint8Array | null>>): void => {
    for (const [path, content] of Object.entries(files)) {
      const target = join(project, path);
      mkdirSync(dirname(target), { recursive: true });
      if (content === null) rmSync(target, { recursive: true, force: true });
      else writeFileSync(target, typeof content === "string" ? fill(content) : content);
    }
  };
  write(given.files ?? {});
  if (given.environment !== "none") spawnSync("cp", ["-al", templateEnvironment(), join(project, ".venv")]);
  const before = new Set(readdirSync(project));
  const env = {
    ...cleanEnvironment(join(place, "home"), {
      PATH: programFolder(room.folder, who),
      PIP_CONFIG_FILE: "/dev/null",
      PIPENV_NOSPIN: "1",
      // What pen downloads and solves for one case helps in the next, as pipenv's own cache folder does.
      PEN_CACHE_DIR: join(room.folder, "cache-pen"),
      PIPENV_CACHE_DIR: join(room.folder, "cache-pipenv"),
      VIRTUALENV_NO_PERIODIC_UPDATE: "1",
      COLUMNS: "200",
      NO_COLOR: "1",
    }),
    ...Object.fromEntries(Object.entries(given.env ?? {}).map(([key, value]) => [key, fill(value)])),
  };
  const aspects: Record<Aspect, string[]> = {
    status: [],
    Pipfile: [],
    "Pipfile.lock": [],
    files: [],
    packages: [],
    environments: [],
    prints: [],
    says: [],
  };
  const transcript: string[] = [];
  for (const step of given.steps) {
    if (typeof step === "object" && "write" in step) {
      write(step.write);
      continue;
    }
    const command = typeof step === "string" ? { run: step } : step;
    const ran = await execute(join(programFolder(room.folder, who), "pipenv"), words(fill(command.run)), {
      cwd: join(project, command.from ?? "."),
      env,
    });
    transcript.push(`$ ${who === "pen" ? "pen " : ""}pipenv ${command.run}  → ${ran.status}\n${ran.stdout}${ran.stderr}`);
    note(aspects, { ran, command, place, project, before });
  }
  renameSync(place, `${place}.${who}`);
  return { aspects, transcript: transcript.join("\n") };
}

/** Adds to every aspect what there is after a command. */
function note(
  aspects: Record<Aspect, string[]>,
  seen: { ran: Ran; command: Exclude<Step, string | { write: unknown }>; place: string; project: string; before: ReadonlySet<string> },
): void {
  const { ran, command, place, project, before } = seen;
  const read = (name: string): string => (existsSync(join(project, name)) ? readFileSync(join(project, name), "utf8") : "(none)");
  aspects.status.push(`${command.run}: ${ran.status ?? ran.signal}`);
  aspects.Pipfile.push(read("Pipfile"));
  aspects["Pipfile.lock"].push(read("Pipfile.lock"));
  const files = readdirSync(project).filter(
    (name) => !before.has(name) && !["Pipfile", "Pipfile.lock", ".venv", "__pycache__"].includes(name),
  );
  aspects.files.push(files.sort().join("\n"));
  const environments = environmentsBelow(place, project);
  aspects.environments.push(environments.map((path) => path.slice(place.length)).join("\n"));
  aspects.packages.push(environments.flatMap(packagesOf).join("\n"));
  if ("prints" in command) aspects.prints.push(ran.stdout.replace(/[ \t]+$/gm, "").trimEnd());
  const output = (ran.stdout + ran.stderr).replace(/\s+/g, " ");
  for (const said of command.says ?? []) aspects.says.push(`${said}: ${output.includes(said) ? "said" : "not said"}`);
}

function words(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** The environments in the project and where pipenv keeps those outside of it. */
function environmentsBelow(place: string, project: string): string[] {
  const kept = [join(place, "home", ".local", "share", "virtualenvs"), join(place, "home", "envs")];
  const candidates = kept.filter(existsSync).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return [join(project, ".venv"), ...candidates.sort()].filter((path) => existsSync(join(path, "pyvenv.cfg")));
}

/** `name==version` of all that is installed but the seeds, which differ on purpose. Packages that are links stand in a folder of their own in pen's environments. */
function packagesOf(environment: string): string[] {
  const library = readdirSync(join(environment, "lib")).find((name) => name.startsWith("python")) ?? "";
  return ["site-packages", "linked-packages"]
    .map((name) => join(environment, "lib", library, name))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).flatMap((name) => described(folder, name)))
    .sort();
}

function described(folder: string, name: string): string[] {
  const [, project = "", version = ""] = /^(.+)-([^-]+)\.dist-info$/.exec(name) ?? [];
  if (project === "" || ["pip", "setuptools", "wheel"].includes(project)) return [];
  const direct = join(folder, name, "direct_url.json");
  const editable = existsSync(direct) && /"editable":\s*true/.test(readFileSync(direct, "utf8"));
  return [`${project.toLowerCase().replace(/[-_.]+/g, "-")}==${version}${editable ? " (editable)" : ""}`];
}

/** The first command after which they differ, and the lines between what is equal at both ends. */
function apart(theirs: readonly string[], ours: readonly string[]): string {
  const at = theirs.findIndex((text, step) => text !== ours[step]);
  const [left, right] = [(theirs[at] ?? "").split("\n"), (ours[at] ?? "").split("\n")];
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const shown = (lines: readonly string[]): string =>
    lines
      .slice(Math.max(0, start - 2), lines.length - Math.max(0, end - 2))
      .slice(0, 60)
      .join("\n");
  return `(after command ${at + 1})\npipenv:\n${shown(left)}\npen:\n${shown(right)}`;
}

/**
 * What is wrong between the two: for every aspect that differs and may not, or differs no longer though the row says so, a few words with both
 * texts. Empty when all is as the row says.
 */
export function disagreements(given: TwinCase, real: Left, pen: Left): string[] {
  return (Object.keys(real.aspects) as Aspect[]).flatMap((aspect): string[] => {
    const [theirs, ours] = [real.aspects[aspect].join("\n---\n"), pen.aspects[aspect].join("\n---\n")];
    const meant = given.differs?.[aspect];
    if (meant === undefined) return theirs === ours ? [] : [`${aspect} differs.\n${apart(real.aspects[aspect], pen.aspects[aspect])}`];
    if (theirs === ours) return [`${aspect} does not differ any more (${meant.why}).`];
    const holds = typeof meant.pen === "string" ? ours.includes(meant.pen) : meant.pen.test(ours);
    return holds ? [] : [`${aspect} differs otherwise than meant (${meant.why}): no ${String(meant.pen)} in\n${ours}`];
  });
}
