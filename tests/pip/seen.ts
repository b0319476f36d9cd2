/** What is looked at after a line: outcome, words, JSON, the environment and the working folder. */
import { createHash } from "node:crypto";
import { readFileSync, lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import type { Line } from "./line.ts";
import type { PipAnswer } from "./pip-server.ts";
import { pathsBelow, type Side, type Twins } from "./twins.ts";

export interface Seen {
  readonly status: number;
  readonly words: readonly string[];
  readonly stdout: unknown;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly work: Readonly<Record<string, unknown>>;
}

/** What both must leave alike. */
export function look(twins: Twins, side: Side, line: Line, answer: PipAnswer): Seen {
  const how = line.stdout ?? "words";
  const plain = plainText(twins, side);
  const apart = new Set(line.apart?.what);
  const unless = <T>(what: "status" | "words" | "stdout" | "environment" | "work", value: () => T, none: T): T =>
    apart.has(what) ? none : value();
  return {
    status: unless("status", () => answer.status, 0),
    words: how === "status" ? [] : unless("words", () => wordsOfScripts(plain(answer.stdout), plain(answer.stderr)), []),
    stdout: unless<unknown>("stdout", () => outputAs(how, plain(answer.stdout)), undefined),
    environment: unless("environment", () => environmentAt(join(twins.folder, side, "env"), plain), {}),
    work: unless("work", () => workAt(join(twins.folder, side, "work"), { plain, documents: line.documents ?? [] }), {}),
  };
}

/** The parts of one that the other does not have alike, so that a failure shows nothing else. */
export function differing(seen: Seen, other: Seen): unknown {
  const entries = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [["", value]];
  const parts = (one: Seen): Map<string, unknown> =>
    new Map(Object.entries(one).flatMap(([key, value]) => entries(value).map(([name, part]) => [`${key} ${name}`, part] as const)));
  const others = parts(other);
  return Object.fromEntries([...parts(seen)].filter(([key, part]) => !isDeepStrictEqual(part, others.get(key)) || !others.has(key)));
}

/** The text with the places of this side named alike. */
function plainText(twins: Twins, side: Side): (text: string) => string {
  const place = join(twins.folder, side);
  return (text) => text.replaceAll(place, "SIDE").replaceAll(twins.folder, "TWINS");
}

function outputAs(how: NonNullable<Line["stdout"]>, stdout: string): unknown {
  if (how === "same") return stdout;
  if (how === "lines") return stdout.split("\n").sort();
  return how === "json" ? plainJson(JSON.parse(stdout)) : undefined;
}

/**
 * Fields of pip's JSON that pen has another value in, each with its reason. All others are compared.
 * - `installer`, where pen installed: it says who installed the package, which is pen.
 * - `order` of `installed` and `install`: pip has the order in which a folder lists its entries, and that in which packages were solved.
 */
function plainJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => {
    if (key === "installer") return [key, "who"];
    if ((key === "installed" || key === "install") && Array.isArray(field)) return [key, field.map(plainJson).sort(byText)];
    return [key, plainJson(field)];
  });
  return Object.fromEntries(fields) as unknown;
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(nameOf(a)) < JSON.stringify(nameOf(b)) ? -1 : 1);
const nameOf = (value: unknown): unknown => (value as { metadata?: { name?: unknown } }).metadata?.name;

/** Lines of pip that scripts look for. What comes behind a version or a place is for people. */
const scriptWords: readonly RegExp[] = [
  /^Successfully (?:installed|downloaded|uninstalled) .*/,
  /^Would (?:install|uninstall) .*/,
  /^Requirement already satisfied: [\w.-]+/,
  /^Files removed: \d+/,
  /^No broken requirements found\./,
  /^WARNING: (?:Skipping|Package\(s\) not found|No matching packages|.* does not provide the extra).*/,
  /^WARNING: The candidate selected for download or install is a yanked version/,
  /^Saved .*/,
  /^File was already downloaded .*/,
  /^You must .*/,
];

function wordsOfScripts(stdout: string, stderr: string): string[] {
  // Deeper lines tell of what an upgrade takes away on the way.
  const lines = [...stdout.split("\n"), ...stderr.split("\n")].map((line) =>
    line.trimEnd().replace(/^(?:Proceed \(Y\/n\)\? )? {2}(?! )/, ""),
  );
  const found = lines.flatMap((line) => scriptWords.flatMap((pattern) => pattern.exec(line)?.[0] ?? []));
  const words = [...new Set(found.map(plainNames))].sort();
  // What an upgrade moves, pip calls satisfied before it looks further.
  const moved = words.filter((line) => /successfully$|^\S+ .*would$|installed/.test(line)).join(" ");
  return words.filter((line) => {
    const name = /^already (\S+) requirement satisfied:$|^already requirement (\S+) satisfied:$/.exec(line);
    return name === null || !moved.includes(`${name[1] ?? name[2] ?? ""}-`);
  });
}

/** Scripts hold the path of their Python, so only their names and modes are compared. pen's own notes stand beside `pyvenv.cfg`. */
function environmentAt(environment: string, plain: (text: string) => string): Record<string, unknown> {
  const found = pathsBelow(environment).filter((path) => !/^\.pen|^pyvenv\.cfg$|^bin\/(?:python|activate|Activate)/.test(path));
  // Empty folders that pip leaves are gone with pen.
  const files = found.filter((path) => !path.endsWith("/"));
  return Object.fromEntries(files.map((path) => [path, contentOf(join(environment, path), path, plain)]));
}

function contentOf(whole: string, path: string, plain: (text: string) => string): unknown {
  const status = lstatSync(whole);
  if (status.isSymbolicLink()) return "link";
  if (path.startsWith("bin/")) return status.mode & 0o111;
  const name = basename(path);
  const text = (): string => plain(readFileSync(whole, "utf8"));
  if (name === "INSTALLER") return "who";
  // pip ends it with an empty line.
  if (name === "pip.conf") return text().trim();
  if (name === "RECORD") return recordOf(text());
  if (name === "direct_url.json") return JSON.parse(text()) as unknown;
  return digest(readFileSync(whole));
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Without bytecode, which pip compiles and pen shares, and without the hashes of what each writes itself. */
const recordOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.includes("__pycache__"))
    .map((line) => (/(?:^|\/)bin\/|INSTALLER,|direct_url\.json,/.test(line) ? (line.split(",")[0] ?? "") : line))
    .sort();

function workAt(
  work: string,
  how: { readonly plain: (text: string) => string; readonly documents: readonly string[] },
): Record<string, unknown> {
  return Object.fromEntries(
    pathsBelow(work).map((path) => {
      if (path.endsWith("/")) return [path, "folder"];
      const text = (): string => how.plain(readFileSync(join(work, path), "utf8"));
      if (!how.documents.includes(path)) return [path, /\.(?:whl|gz|txt)$/.test(path) ? digest(Buffer.from(text())) : "file"];
      return [path, path.endsWith(".toml") ? plainLock(parse(text())) : plainJson(JSON.parse(text()))];
    }),
  );
}

/** pip writes names as whoever asked for them wrote them, and downloads in the order of solving; pen writes normal names in order. */
const plainNames = (line: string): string =>
  /^(?:Successfully|Would|Requirement|WARNING: Skipping)/.test(line)
    ? line
        .replace(/[-_.]+(?=[A-Za-z])/g, "-")
        .toLowerCase()
        .split(" ")
        .sort()
        .join(" ")
    : line;

/** What pen's lock has and pip's has not, all of it optional in PEP 751: who made it, where and for whom, sizes, and who needs what. */
const onlyInPens: ReadonlySet<string> = new Set(["created-by", "tool", "index", "size", "dependencies", "upload-time", "requires-python"]);

function plainLock(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainLock);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !onlyInPens.has(key))
      .map(([key, field]) => [key, plainLock(field)]),
  );
}
