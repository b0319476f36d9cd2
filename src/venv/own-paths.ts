import {
  fileURLToPath,
  listFolder,
  pathToFileURL,
  readLink,
  readText,
  readTextIfAny,
  rename,
  statusOf,
  symbolicLink,
  temporaryBeside,
  writeAtomic,
  dirname,
  isAbsolute,
  join,
  normalize,
  relative,
  resolve,
} from "#foundation";
import { activationScripts } from "./activation.ts";
import { isWithin } from "./layout.ts";
import { readPyvenvConfig } from "./pyvenv-config.ts";
import { isPythonOf, relocateScripts, updateRecords, type RelocationPaths } from "./relocation.ts";

/** What of an environment held the environment's own place, and was changed. */
export interface RelocatedFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: "script" | "activation" | "link" | "path-file" | "config" | "origin" | "editable" | "project";
}

/** What still holds an old place, and why pen does not change it. */
export interface StaleFile {
  readonly path: string;
  readonly why: string;
}

/**
 * Every place that the environment at `root` goes by: its own, with links followed, and those that other tools wrote into `pyvenv.cfg` and the
 * activation script when they made it (it may have been moved by hand since).
 */
export function recordedRoots(root: string, real: string): string[] {
  const command = readPyvenvConfig(join(root, "pyvenv.cfg"))?.get("command");
  const words = command?.split(" -m ")[1]?.split(" ") ?? [];
  const made = words.findIndex((word) => word.startsWith("/"));
  const script = readTextIfAny(join(root, "bin", "activate")) ?? "";
  const active = /^[ \t]*(?:export )?VIRTUAL_ENV=(["']?)(\/[^"'$`\r\n]*)\1[ \t]*$/m.exec(script)?.[2];
  const found = [root, real, ...(made < 0 ? [] : [words.slice(made).join(" ")]), ...(active === undefined ? [] : [active])];
  return [...new Set(found.map((path) => normalize(path).replace(/(.)\/$/, "$1")))].filter((path) => path !== "/");
}

/**
 * Takes the environment's own places (`roots`) out of all that can do without: scripts and activation scripts of other tools find their place
 * themselves afterwards, links and `.pth` files inside become relative. Right before a move and after it. Errors: FILE_SYSTEM.
 */
export function makeRelocatable(root: string, paths: RelocationPaths, roots: readonly string[]): RelocatedFile[] {
  const scripts = relocateScripts(paths, isPythonOf(roots)).map((path) => ({ path, kind: "script" }) as const);
  const activation = renewActivation(paths.scripts, roots).map((path) => ({ path, kind: "activation" }) as const);
  const links = relativeLinks(root, roots).map((path) => ({ path, kind: "link" }) as const);
  const pathFiles = relativePathFiles(paths, roots).map((path) => ({ path, kind: "path-file" }) as const);
  updateRecords(
    paths,
    pathFiles.map(({ path }) => path),
  );
  return [...scripts, ...activation, ...links, ...pathFiles];
}

/** Those of pen find their own place in every shell; a script of a name that pen does not have is told of as {@link StaleFile}. */
function renewActivation(scripts: string, roots: readonly string[]): string[] {
  const own = new Map(activationScripts().map(([name, text]) => [name, text] as const));
  return listFolder(scripts).flatMap(({ name, kind }) => {
    const text = own.get(name.toLowerCase());
    const path = join(scripts, name);
    if (text === undefined || kind !== "file" || !mentions(readText(path), roots)) return [];
    writeAtomic(path, text, { mode: statusOf(path)?.mode ?? 0o644 });
    return [path];
  });
}

function relativeLinks(root: string, roots: readonly string[]): string[] {
  const changed: string[] = [];
  for (const path of linksBelow(root)) {
    const target = readLink(path);
    const inside = isAbsolute(target) ? insideOf(target, roots) : undefined;
    if (inside === undefined) continue;
    const temporary = temporaryBeside(path);
    symbolicLink(relative(dirname(path), join(root, inside)) || ".", temporary);
    rename(temporary, path);
    changed.push(path);
  }
  return changed;
}

function* linksBelow(root: string): Generator<string> {
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of listFolder(folder)) {
      const path = `${folder}/${name}`;
      if (kind === "folder") waiting.push(path);
      if (kind === "link") yield path;
    }
  }
}

/** Where `path` is below one of `roots`, relative to it. */
function insideOf(path: string, roots: readonly string[]): string | undefined {
  const plain = normalize(path);
  const home = roots.find((root) => isWithin(plain, root));
  return home === undefined ? undefined : relative(home, plain);
}

/** `site` takes a relative line of a `.pth` file from the folder that the file stands in. */
function relativePathFiles({ purelib, platlib, scripts }: RelocationPaths, roots: readonly string[]): string[] {
  const root = dirname(scripts);
  return [...new Set([purelib, platlib])].flatMap((library) =>
    listFolder(library).flatMap(({ name, kind }) => {
      if (!/\.(?:pth|egg-link)$/.test(name) || kind !== "file") return [];
      const path = join(library, name);
      const text = readText(path);
      const changed = text
        .split("\n")
        .map((line) => {
          const plain = line.replace(/\r$/, "");
          const inside = plain.startsWith("/") ? insideOf(plain, roots) : undefined;
          return inside === undefined ? line : relative(library, join(root, inside)) || ".";
        })
        .join("\n");
      if (changed === text) return [];
      writeAtomic(path, changed);
      return [path];
    }),
  );
}

interface Replacement {
  readonly roots: readonly string[];
  readonly to: string;
}

/**
 * Writes the new place into what cannot do without: `pyvenv.cfg`'s note of the command, origins of packages (PEP 610), finders of editable
 * installs that lie inside, the folder of the project in `.project`. To be called at the new place. Errors: FILE_SYSTEM.
 */
export function replaceOldRoots(
  root: string,
  paths: RelocationPaths,
  replacement: Replacement,
): { readonly changed: readonly RelocatedFile[]; readonly stale: readonly StaleFile[] } {
  const changed: RelocatedFile[] = [];
  const stale: StaleFile[] = [];
  for (const [path, kind] of candidates(root, paths)) {
    const text = readTextIfAny(path);
    if (text === undefined || !mentions(text, replacement.roots)) continue;
    const renewed = kind === "origin" ? renewedOrigin(text, replacement) : renewedText(text, replacement, kind);
    if (renewed === undefined) stale.push({ path, why: "It names the old place in a way that pen cannot rewrite." });
    else {
      writeAtomic(path, renewed, { mode: statusOf(path)?.mode ?? 0o644 });
      changed.push({ path, kind });
    }
  }
  updateRecords(
    paths,
    changed.map(({ path }) => path),
  );
  return { changed, stale };
}

type Candidate = readonly [path: string, kind: RelocatedFile["kind"]];

function candidates(root: string, paths: RelocationPaths): Candidate[] {
  const top: Candidate[] = [
    [join(root, "pyvenv.cfg"), "config"],
    [join(root, ".project"), "project"],
  ];
  const own = new Set(activationScripts().map(([name]) => name));
  const scripts = listFolder(paths.scripts).flatMap(({ name, kind }): Candidate[] =>
    kind === "file" && /^(?:de)?activate|\.bat$/i.test(name) && !own.has(name.toLowerCase())
      ? [[join(paths.scripts, name), "activation"]]
      : [],
  );
  const packages = [...new Set([paths.purelib, paths.platlib])].flatMap((library) =>
    listFolder(library).flatMap(({ name, kind }): Candidate[] => {
      if (kind === "folder" && name.endsWith(".dist-info")) return [[join(library, name, "direct_url.json"), "origin"]];
      if (kind === "file" && /^_*editable_.*\.(?:py|pth|json)$/i.test(name)) return [[join(library, name), "editable"]];
      return [];
    }),
  );
  return [...top, ...scripts, ...packages];
}

function mentions(text: string, roots: readonly string[]): boolean {
  return roots.some((root) => text.includes(root) || text.includes(pathToFileURL(root).href));
}

/** Quotes, blanks and the like are written differently in each kind of file: such places are left alone but where a line is the path itself. */
const plainPath = /^[\w@%+=,./-]+$/;

function renewedText(text: string, { roots, to }: Replacement, kind: RelocatedFile["kind"]): string | undefined {
  const isLine = kind === "config" || kind === "project";
  if (!isLine && ![...roots, to].every((path) => plainPath.test(path))) return undefined;
  // The longest first: one of the places may begin with another.
  const places = [...roots].sort((a, b) => b.length - a.length).map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.replace(new RegExp(`(?<![\\w.@%+-])(?:${places.join("|")})(?![\\w.@%+-])`, "g"), () => to);
}

function renewedOrigin(text: string, { roots, to }: Replacement): string | undefined {
  try {
    const origin = JSON.parse(text) as { url?: unknown };
    if (typeof origin.url !== "string" || !origin.url.startsWith("file:")) return undefined;
    const inside = insideOf(fileURLToPath(origin.url), roots);
    return inside === undefined ? undefined : JSON.stringify({ ...origin, url: pathToFileURL(resolve(to, inside)).href });
  } catch {
    return undefined;
  }
}
