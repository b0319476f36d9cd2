import { PenError, printableLine } from "#foundation";
import { originText, type RequirementEntry } from "#project";
import { isStrongHash, parseHash, type NormalizedName, type Requirement } from "#standards";

interface NamedEntry {
  readonly entry: RequirementEntry;
  readonly requirement: Requirement;
}

/**
 * The `--hash` promises by project. As soon as one requirement has a hash, or `required` is set, pip's hash-checking rules hold:
 * every requirement is pinned with `==` or a URL, and has a hash. Errors: `HASH_REQUIRED`, `INVALID_REQUIREMENT` for a weak or broken hash.
 */
export function strongHashes(named: readonly NamedEntry[], required: boolean): Map<NormalizedName, readonly string[]> {
  const promised = new Map<NormalizedName, readonly string[]>();
  const strict = required || named.some(({ entry }) => entry.hashes.length > 0);
  for (const { entry, requirement } of named) {
    if (strict) checkPinned(entry, requirement);
    if (entry.hashes.length === 0) continue;
    const hashes = entry.hashes.map((text) => checkStrong(text, entry));
    promised.set(requirement.name, [...(promised.get(requirement.name) ?? []), ...hashes]);
  }
  return promised;
}

/** True when one hash among the entries turns the hash-checking mode on, as in pip. */
export const anyHash = (entries: readonly RequirementEntry[]): boolean => entries.some((entry) => entry.hashes.length > 0);

function checkPinned(entry: RequirementEntry, requirement: Requirement): void {
  const [only, ...others] = requirement.specifiers.specifiers;
  const pinned =
    requirement.url !== undefined ||
    (others.length === 0 && only !== undefined && (only.operator === "==" || only.operator === "===") && !only.wildcard);
  if (!pinned) {
    throw new PenError("HASH_REQUIRED", `${requirement.name} is not pinned, and hashes are required`, {
      why: `In hash-checking mode every requirement has its version pinned with == (${originText(entry.origin)}).`,
      hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    });
  }
  if (entry.hashes.length === 0) {
    throw new PenError("HASH_REQUIRED", `${requirement.name} has no hash, and hashes are required`, {
      why: `One requirement with a hash, or --require-hashes, makes hashes necessary for all (${originText(entry.origin)}).`,
      hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    });
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
