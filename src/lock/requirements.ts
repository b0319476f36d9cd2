import { PenError, printableLine } from "#foundation";
import {
  directUrlFreezeText,
  isStrongHash,
  markerText,
  parseRequirement,
  strongHashAlgorithms,
  type NormalizedName,
  type Requirement,
  type Version,
} from "#standards";
import type { Lock, LockedFile, LockedPackage } from "./types.ts";

export interface RequirementsOptions {
  /** Write `--hash` for every file. HASH_REQUIRED when a file has none. */
  readonly hashes: boolean;
  /** Write who asked for each package: `# via …`. */
  readonly annotations: boolean;
  /** Text for comment lines at the top; undefined for none. */
  readonly header: string | undefined;
  /** Keep extras: `uvicorn[standard]==0.30`. */
  readonly extras: boolean;
  /** Write the environment markers of packages that are not always needed. */
  readonly markers: boolean;
  /** The first becomes `--index-url`, others `--extra-index-url`. Written without credentials. */
  readonly indexUrls: readonly string[];
  readonly findLinks: readonly string[];
}

/** The lock as a requirements file, in the layout that pip-compile and uv write. Sorted as the lock is. Ends with a newline. */
export function formatRequirements(lock: Lock, options: RequirementsOptions): string {
  const lines: string[] = [];
  if (options.header !== undefined) for (const line of options.header.split("\n")) lines.push(`# ${printableLine(line)}`.trimEnd());
  options.indexUrls.forEach((url, at) =>
    lines.push(`${at === 0 ? "--index-url" : "--extra-index-url"} ${oneWord(withoutCredentials(url))}`),
  );
  for (const place of options.findLinks) lines.push(`--find-links ${oneWord(withoutCredentials(place))}`);
  if (options.indexUrls.length + options.findLinks.length > 0) lines.push("");
  for (const one of lock.packages) lines.push(...packageLines(one, options));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function packageLines(one: LockedPackage, options: RequirementsOptions): string[] {
  const marker = options.markers && one.marker !== undefined ? ` ; ${markerText(one.marker)}` : "";
  const words = [`${requirementOf(one, options)}${marker}`, ...(options.hashes ? hashWords(one) : [])];
  const lines = words.map((word, at) => `${at === 0 ? "" : "    "}${word}${at === words.length - 1 ? "" : " \\"}`);
  if (options.annotations && one.requiredBy.length > 0) lines.push(...annotation(one.requiredBy));
  return lines;
}

function requirementOf(one: LockedPackage, options: RequirementsOptions): string {
  const extras = options.extras && one.extras.length > 0 ? `[${one.extras.join(",")}]` : "";
  if (one.direct !== undefined)
    return oneLine(directUrlFreezeText(`${one.name}${extras}`, { ...one.direct, url: withoutCredentials(one.direct.url) }));
  if (one.version === undefined) throw new PenError("INVALID_LOCK", `The lock has no version for ${one.name}`);
  return oneLine(`${one.name}${extras}==${one.version}`);
}

function hashWords(one: LockedPackage): string[] {
  if (one.direct !== undefined && one.direct.info.kind !== "archive") return [];
  const hashes = new Set(one.files.map((file) => strongestHash(one, file)));
  if (hashes.size === 0) throw missingHash(one, "no file");
  return [...hashes].sort().map((hash) => `--hash=${hash}`);
}

function strongestHash(one: LockedPackage, file: LockedFile): string {
  const algorithm = strongHashAlgorithms.find((name) => file.hashes[name] !== undefined);
  if (algorithm === undefined || !isStrongHash(algorithm)) throw missingHash(one, file.filename);
  return `${algorithm}:${file.hashes[algorithm]}`;
}

function missingHash(one: LockedPackage, file: string): PenError {
  return new PenError("HASH_REQUIRED", `There is no hash for ${one.name} ${one.version ?? ""}`.trimEnd(), {
    why: `The index gave ${printableLine(file)} without a hash that protects it.`,
    hint: "Ask for a lock without hashes, or use an index that publishes them.",
  });
}

function annotation(requiredBy: readonly string[]): string[] {
  const [first] = requiredBy;
  if (requiredBy.length === 1) return [`    # via ${printableLine(first ?? "")}`];
  return ["    # via", ...requiredBy.map((who) => `    #   ${printableLine(who)}`)];
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

// A line break in a name or URL would begin a line of its own, with any option in it.
function oneLine(text: string): string {
  if (/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(text))
    throw new PenError("INVALID_LOCK", `Not to be written on one line: ${printableLine(text)}`);
  return text;
}

function oneWord(text: string): string {
  return oneLine(text).replace(/ /g, "%20");
}

/**
 * The versions that a compiled requirements file pins (`name==version` lines), so that a new resolution can keep them. Lines that
 * say anything else are passed over. A project that is pinned to several versions, for several environments, is left out.
 */
export function preferencesFromRequirements(text: string): Map<NormalizedName, Version> {
  const pins = new Map<NormalizedName, Version>();
  const ambiguous = new Set<NormalizedName>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const requirement = pinOf(line);
    const [specifier] = requirement?.specifiers.specifiers ?? [];
    if (requirement === undefined || specifier?.parsed === undefined) continue;
    if (pins.has(requirement.name)) ambiguous.add(requirement.name);
    pins.set(requirement.name, specifier.parsed);
  }
  for (const name of ambiguous) pins.delete(name);
  return pins;
}

function pinOf(line: string): Requirement | undefined {
  if (!line.includes("==") || line.length > 4096) return undefined;
  let text = line.trim();
  if (text === "" || text.startsWith("#") || text.startsWith("-")) return undefined;
  const cuts = [text.indexOf(" #"), text.indexOf(" --hash"), text.indexOf("\\")].filter((at) => at >= 0);
  if (cuts.length > 0) text = text.slice(0, Math.min(...cuts)).trim();
  try {
    const requirement = parseRequirement(text);
    const [specifier, more] = requirement.specifiers.specifiers;
    return specifier?.operator === "==" && !specifier.wildcard && more === undefined ? requirement : undefined;
  } catch {
    return undefined;
  }
}
