import { createHasher, PenError, printableLine, readRange, statusOf, targetStatusOf } from "#foundation";

const chunkSize = 4 * 1024 * 1024;

/** The hashes of a file by OpenSSL algorithm name, lower-case hexadecimal. The file is read in pieces. Errors: `FILE_SYSTEM`. */
export function fileHashes(path: string, algorithms: readonly string[]): Record<string, string> {
  const status = targetStatusOf(path) ?? statusOf(path);
  if (status === undefined)
    throw new PenError("FILE_SYSTEM", `Could not read ${printableLine(path)}`, {
      why: "It does not exist (ENOENT)",
      data: { path, errno: "ENOENT" },
    });
  const hashers = algorithms.map((algorithm) => [algorithm, createHasher(algorithm)] as const);
  for (let offset = 0; offset < status.size; offset += chunkSize) {
    const chunk = readRange(path, offset, chunkSize);
    for (const [, hasher] of hashers) hasher.update(chunk);
  }
  return Object.fromEntries(hashers.map(([algorithm, hasher]) => [algorithm, hasher.hex()]));
}
