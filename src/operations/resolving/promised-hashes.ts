import { fileURLToPath, isFolder, PenError, printableLine, redactUrl } from "#foundation";
import { fileHashes } from "../packages/hash.ts";
import { originText, type RequirementEntry } from "#project";
import { anySpecifiers, isStrongHash, parseHash, type NormalizedName, type Requirement } from "#standards";

interface NamedEntry {
  readonly entry: RequirementEntry;
  readonly requirement: Requirement;
}

/** Requirements by their names, constraints, and whether hashes are necessary. */
interface HashInput {
  readonly named: readonly NamedEntry[];
  readonly constraints: readonly RequirementEntry[];
  readonly checking: "always" | "as-pip" | "where-given";
}

/**
 * The `--hash` promises by project. `as-pip`: as soon as one line has a hash, pip's hash-checking rules hold for all, as they do `always`: every
 * requirement is pinned with `==` or a URL, and has a hash; a constraint may say both. Errors: `HASH_REQUIRED`, `INVALID_REQUIREMENT` for a weak or broken
 * hash.
 */
export function strongHashes({ named, constraints, checking }: HashInput): Map<NormalizedName, readonly string[]> {
  const promised = new Map<NormalizedName, readonly string[]>();
  const isAny = anyHash(constraints) || named.some(({ entry }) => entry.hashes.length > 0);
  const strict = checking === "always" || (checking === "as-pip" && isAny);
  const bounds = constraints.flatMap((entry) => (entry.source.kind === "named" ? [{ entry, requirement: entry.source.requirement }] : []));
  const settled = new Set(
    bounds.filter(({ entry, requirement }) => entry.hashes.length > 0 && isPinned(requirement)).map(({ requirement }) => requirement.name),
  );
  for (const { entry, requirement } of [...named, ...bounds]) {
    if (strict && !settled.has(requirement.name) && !constraints.includes(entry)) checkPinned(entry, requirement);
    const stated = [...entry.hashes, ...fragmentHashes(requirement.url)];
    if (stated.length === 0) continue;
    const hashes = stated.map((text) => checkStrong(text, entry));
    promised.set(requirement.name, [...(promised.get(requirement.name) ?? []), ...hashes]);
  }
  return promised;
}

/** A URL may carry the hash of its file, as the person wrote it: `#sha256=…`. */
function fragmentHashes(url: string | undefined): string[] {
  const fragment = url?.split("#", 2)[1];
  if (fragment === undefined || /^git\+/i.test(url ?? "")) return [];
  return fragment.split("&").flatMap((word) => (/^(sha256|sha384|sha512)=/.test(word) ? [word.replace("=", ":")] : []));
}

/** True when one hash among the entries turns the hash-checking mode on, as in pip. */
export const anyHash = (entries: readonly RequirementEntry[]): boolean => entries.some((entry) => entry.hashes.length > 0);

/**
 * The same rules for what is named by its place, before anything of it is fetched or run. Errors: `HASH_REQUIRED`.
 */
export function checkPlacesPinned(entries: readonly RequirementEntry[], required: boolean): void {
  if (!required && !anyHash(entries)) return;
  for (const entry of entries) {
    const { source } = entry;
    if (source.kind !== "named")
      checkPinned(entry, { name: printableLine(redactUrl(source.location)), url: source.location, specifiers: anySpecifiers });
    else if (source.requirement.url !== undefined) checkPinned(entry, source.requirement);
  }
}

type Stated = Pick<Requirement, "url" | "specifiers"> & { readonly name: string };

function checkPinned(entry: RequirementEntry, requirement: Stated): void {
  const what = withoutFixedContent(entry, requirement);
  if (what !== undefined) {
    throw new PenError("HASH_REQUIRED", `${requirement.name} comes from ${what}, and hashes are required`, {
      why: `There is no hash for the content of ${what} (${originText(entry.origin)}).`,
      hint: "Name a wheel or an archive with its hash instead, or install it with a command of its own.",
    });
  }
  if (!isPinned(requirement)) {
    throw new PenError("HASH_REQUIRED", `${requirement.name} is not pinned, and hashes are required`, {
      why: `In hash-checking mode every requirement has its version pinned with == (${originText(entry.origin)}).`,
      hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    });
  }
  if (entry.hashes.length + fragmentHashes(requirement.url).length === 0) {
    throw new PenError("HASH_REQUIRED", `${requirement.name} has no hash, and hashes are required`, {
      why: `One requirement with a hash, or --require-hashes, makes hashes necessary for all (${originText(entry.origin)}).`,
      hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    });
  }
}

function isPinned({ url, specifiers }: Stated): boolean {
  const [only, ...others] = specifiers.specifiers;
  return url !== undefined || (others.length === 0 && only !== undefined && /^={2,3}$/.test(only.operator) && !only.wildcard);
}

function withoutFixedContent(entry: RequirementEntry, { url }: Stated): string | undefined {
  if (url === undefined) return undefined;
  if (/^git\+/i.test(url)) return "a repository";
  const isLocal = !/^[a-z][a-z0-9+.-]*:/i.test(url) || /^file:/i.test(url);
  return isLocal && (entry.editable || isFolder(localPath(url))) ? "a folder" : undefined;
}

function localPath(url: string): string {
  if (!/^file:/i.test(url)) return url;
  try {
    return fileURLToPath(url.split("#", 1)[0] ?? url);
  } catch {
    return url;
  }
}

function checkStrong(text: string, entry: RequirementEntry): string {
  const hash = parseHash(text);
  if (!isStrongHash(hash)) {
    throw new PenError("INVALID_REQUIREMENT", `${printableLine(text)} is no hash that pen accepts`, {
      why: `Broken algorithms such as MD5 and SHA-1 prove nothing (${originText(entry.origin)}).`,
      hint: "Use sha256, sha384 or sha512.",
    });
  }
  return `${hash.algorithm}:${hash.digest}`;
}

/** Compares a file that was named by its place with the hashes that its requirement promises, if any. Errors: `HASH_MISMATCH`. */
export function checkDirectHash(
  promised: readonly string[],
  file: { readonly path: string; readonly sha256: string; readonly url: string },
): void {
  if (promised.length === 0 || promised.includes(`sha256:${file.sha256}`)) return;
  const others = [...new Set(promised.map((hash) => parseHash(hash).algorithm))].filter((algorithm) => algorithm !== "sha256");
  const actual = fileHashes(file.path, others);
  if (others.some((algorithm) => promised.includes(`${algorithm}:${actual[algorithm] ?? ""}`))) return;
  throw new PenError("HASH_MISMATCH", `${printableLine(file.url)} does not have the hash that was promised`, {
    why: `Expected ${promised.length === 1 ? promised[0] : `one of\n  ${promised.join("\n  ")}`}\ngot      sha256:${file.sha256}`,
    hint: "If the file was changed on purpose, take up its new hash; otherwise someone may have tampered with it.",
    data: { expected: [...promised], got: `sha256:${file.sha256}`, url: file.url },
  });
}
