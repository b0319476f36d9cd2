import {
  errnoOf,
  isFolder,
  isPenError,
  listFolder,
  pathExists,
  readTextIfAny,
  type Host,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { linkedFolder } from "#installer";
import type { Interpreter } from "#python";
import { inheritedFolder, type Environment } from "#venv";
import { environmentDestination } from "../environment.ts";
import type { PathEntry, PathSource, StartupCode } from "./types.ts";

/** Which Python: that of an environment, or a base one by itself. */
export interface ExplainedPython {
  /** The base interpreter. */
  readonly interpreter: Interpreter;
  readonly environment: Environment | undefined;
}

export interface SearchPath {
  readonly entries: readonly PathEntry[];
  readonly startup: readonly StartupCode[];
}

/**
 * `sys.path` as Python makes it when it starts (`getpath`, then the module `site`), from files alone. The first entry stands for the folder
 * of the script, which is the working directory for `-c` and `-m`. Lines of `.pth` files that are code are told of, not run, so that
 * what they would add is not in the answer.
 */
export function computeSearchPath(python: ExplainedPython, host: Host): SearchPath {
  const walk = new PathWalk(python, host);
  walk.start();
  walk.library();
  walk.site();
  return { entries: walk.entries, startup: [...walk.startup, ...customizations(walk.entries)] };
}

/** True when the environment sees the packages of its base, or there is no environment. A missing key counts as true, as in CPython. */
export function seesBase({ environment }: Pick<ExplainedPython, "environment">): boolean {
  if (environment === undefined) return true;
  // The last one counts, unlike for `home`.
  const value = environment.config.entries.findLast(([key]) => key === "include-system-site-packages")?.[1];
  return (value ?? "true").toLowerCase() === "true";
}

/** The folders for packages of the base Python that exist, in the order of its own search. */
export function baseSiteFolders(interpreter: Interpreter): string[] {
  return siteFolders(interpreter.prefix, interpreter, false).filter(isFolder);
}

/** The user's own folder for packages (PEP 370), whether it is there or not. */
export function userSite(interpreter: Interpreter, host: Host): string {
  const base = host.env["PYTHONUSERBASE"] || join(host.home, ".local");
  const version = interpreter.implementation === "pypy" ? `pypy${shortVersion(interpreter)}` : basename(interpreter.paths.stdlib);
  return join(resolve(host.cwd, base), "lib", version, "site-packages");
}

const shortVersion = ({ versionInfo: [major, minor] }: Interpreter): string => `${major}.${minor}`;

/** As `site.getsitepackages` names them for one prefix; Debian's Python has names of its own. */
function siteFolders(prefix: string, interpreter: Interpreter, inEnvironment: boolean): string[] {
  if (interpreter.markers.os_name === "nt") return [prefix, join(prefix, "Lib", "site-packages")];
  const versioned = basename(interpreter.paths.stdlib);
  const libraries = [...new Set([interpreter.platlibdir, "lib"])];
  if (!isDebian(interpreter)) return libraries.map((library) => join(prefix, library, versioned, "site-packages"));
  return [
    ...(inEnvironment ? [join(prefix, "lib", versioned, "site-packages")] : []),
    join(prefix, "local", "lib", versioned, "dist-packages"),
    join(prefix, "lib", "python3", "dist-packages"),
    ...libraries.map((library) => join(prefix, library, versioned, "dist-packages")),
  ];
}

function isDebian(interpreter: Interpreter): boolean {
  return siteText(interpreter).includes("dist-packages");
}

/** Releases differ in what `site` does within one version, so its own text is asked. */
function siteText(interpreter: Interpreter): string {
  return readIfAllowed(join(interpreter.paths.stdlib, "site.py")) ?? "";
}

class PathWalk {
  readonly entries: PathEntry[] = [];
  readonly startup: StartupCode[] = [];
  private readonly known = new Set<string>();
  private readonly python: ExplainedPython;
  private readonly host: Host;
  private readonly linked: string | undefined;

  constructor(python: ExplainedPython, host: Host) {
    this.python = python;
    this.host = host;
    this.linked = python.environment && linkedFolder(environmentDestination(python.environment).target);
  }

  /** The script's folder, unless PYTHONSAFEPATH (3.11) keeps it away; then PYTHONPATH. */
  start(): void {
    const { env, cwd } = this.host;
    const [, minor] = this.python.interpreter.versionInfo;
    // It goes in front after `site` has run, so that it hides no later entry of the same path.
    if (!(minor >= 11 && env["PYTHONSAFEPATH"])) this.entries.push({ path: cwd, source: "start", exists: pathExists(cwd) });
    const separator = this.host.platform === "win32" ? ";" : ":";
    const text = env["PYTHONPATH"];
    if (text) for (const part of text.split(separator)) this.add(resolve(cwd, part), "pythonpath");
  }

  /** The standard library, always the base's. */
  library(): void {
    const { interpreter } = this.python;
    const { stdlib, platstdlib } = interpreter.paths;
    if (interpreter.implementation !== "cpython") return this.add(stdlib, "standard-library");
    this.add(join(dirname(stdlib), `${basename(stdlib).replace(".", "")}.zip`), "zip");
    this.add(stdlib, "standard-library");
    this.add(join(platstdlib, "lib-dynload"), "extensions");
  }

  /** What the module `site` adds: the environment's packages, then the user's and the base's when they may be seen. */
  site(): void {
    const { environment, interpreter } = this.python;
    if (environment !== undefined) {
      for (const folder of siteFolders(environment.root, interpreter, true)) this.addSite(folder, "site-packages");
    }
    if (!seesBase(this.python)) return;
    if (!this.host.env["PYTHONNOUSERSITE"]) this.addSite(userSite(interpreter, this.host), "user-site");
    const source = environment === undefined ? "site-packages" : "base-site-packages";
    const folders = siteFolders(interpreter.prefix, interpreter, environment !== undefined);
    for (const folder of folders) this.addSite(folder, source);
  }

  private add(path: string, source: PathSource, from?: { readonly file: string; readonly line: number }): void {
    if (this.known.has(path)) return;
    this.known.add(path);
    this.entries.push({ path, source, exists: pathExists(path), ...from });
  }

  private addSite(folder: string, source: PathSource, from?: { readonly file: string; readonly line: number }): void {
    if (!isFolder(folder)) return;
    this.add(folder, source, from);
    const skipsHidden = siteText(this.python.interpreter).includes('name.startswith(".")');
    const names = namesIn(folder).filter((name) => name.endsWith(".pth") && !(skipsHidden && name.startsWith(".")));
    for (const name of names.sort(byCodePoints)) this.pathFile(folder, join(folder, name));
  }

  private pathFile(folder: string, file: string): void {
    const lines = (readIfAllowed(file) ?? "").replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
    for (const [at, line] of lines.entries()) {
      if (line.startsWith("#") || line.trim() === "") continue;
      if (line.includes("\0")) return; // Python gives the rest of the file up.
      const inherited = inheritedFolder(line);
      if (inherited !== undefined) {
        // The line that pen writes for an inherited environment; it passes by what is known or gone.
        if (!this.known.has(inherited) && isFolder(inherited)) this.addSite(inherited, "inherited", { file, line: at + 1 });
        continue;
      }
      if (/^import[ \t]/.test(line)) {
        this.startup.push({ file, line: at + 1, text: line.trim() });
        continue;
      }
      const text = line.trimEnd();
      const path = isAbsolute(text) ? resolve(text) : resolve(folder, text);
      if (pathExists(path)) this.add(path, path === this.linked ? "linked-packages" : "path-file", { file, line: at + 1 });
    }
  }
}

/** `sitecustomize` and `usercustomize` are imported by `site` when some entry has them. */
function customizations(entries: readonly PathEntry[]): StartupCode[] {
  return ["sitecustomize", "usercustomize"].flatMap((name) => {
    const places = entries.filter(({ source }) => source !== "start");
    const file = places.flatMap(({ path }) => [join(path, name, "__init__.py"), join(path, `${name}.py`)]).find(pathExists);
    return file === undefined ? [] : [{ file, text: `import ${name}` }];
  });
}

/** Python sorts names by code points. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The names in a folder; none when it may not be read. */
export function namesIn(folder: string): string[] {
  try {
    return listFolder(folder).map(({ name }) => name);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function readIfAllowed(path: string): string | undefined {
  try {
    return readTextIfAny(path);
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
    return undefined;
  }
}
