import { PenError, excerpt } from "#foundation";

/** A promise about the bytes of a file: the algorithm's name in Python's spelling and the digest in lower-case hex. */
export interface FileHash {
  readonly algorithm: string;
  readonly digest: string;
}

/** Every algorithm pen can read, with the length of its digest in bytes. */
const digestBytes: ReadonlyMap<string, number> = new Map([
  ["md5", 16],
  ["sha1", 20],
  ["sha224", 28],
  ["sha256", 32],
  ["sha384", 48],
  ["sha512", 64],
  ["sha3_256", 32],
  ["sha3_384", 48],
  ["sha3_512", 64],
  ["blake2s", 32],
  ["blake2b", 64],
]);

/** The algorithms that protect against a forged file, the usual one first. */
export const strongHashAlgorithms: readonly string[] = [
  "sha256",
  "sha384",
  "sha512",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "blake2b",
  "blake2s",
];

/** The algorithms that pip accepts in `--hash` and computes in `pip hash`. */
export const requirementHashAlgorithms: readonly string[] = ["sha256", "sha384", "sha512"];

/** True unless the algorithm is unknown or broken (MD5, SHA-1, SHA-224). */
export function isStrongHash(hash: FileHash | string): boolean {
  return strongHashAlgorithms.includes(typeof hash === "string" ? hash : hash.algorithm);
}

/**
 * Reads `sha256:abc…` (requirements, locks) or `sha256=abc…` (URL fragments). Weak algorithms are read too: callers that
 * rely on the hash ask {@link isStrongHash}. Throws INVALID_HASH for an unknown algorithm, a digest that is not hex, or one of the wrong length.
 */
export function parseHash(text: string): FileHash {
  const at = text.search(/[:=]/);
  const algorithm = text.slice(0, Math.max(0, at)).toLowerCase();
  const bytes = digestBytes.get(algorithm);
  if (bytes === undefined) throw invalidHash(text, `The algorithm must be one of ${[...digestBytes.keys()].join(", ")}.`);
  const digest = text.slice(at + 1);
  if (digest.length !== bytes * 2 || !/^[0-9a-fA-F]+$/.test(digest))
    throw invalidHash(text, `A ${algorithm} digest has ${bytes * 2} hexadecimal digits.`);
  return { algorithm, digest: digest.toLowerCase() };
}

/** The hash as requirements files and locks write it: `sha256:abc…`. */
export function hashText(hash: FileHash): string {
  return `${hash.algorithm}:${hash.digest}`;
}

function invalidHash(text: string, why: string): PenError {
  return new PenError("INVALID_HASH", `${excerpt(text)} is not a hash`, {
    why,
    hint: "Write it as sha256:<64 hexadecimal digits>; `pen pip hash FILE` prints it.",
  });
}
