/*
 * Seeded generators that the property tests of this room share. The name ends in .test.ts only to stay out of the build;
 * the tests themselves stand beside the code they test.
 */
import { parseVersion, type Version } from "./index.ts";

/** A generator of numbers in [0, 1) that gives the same sequence for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One of the choices. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** The text of a version out of a small space, so that equal and neighbouring versions meet often. */
export function versionCase(random: () => number, options: { readonly local?: boolean; readonly length?: number } = {}): string {
  const length = options.length ?? 1 + Math.floor(random() * 3);
  let text = random() < 0.05 ? "1!" : "";
  text += Array.from({ length }, () => Math.floor(random() * 3)).join(".");
  if (random() < 0.3) text += pick(random, ["a", "b", "rc"]) + Math.floor(random() * 3);
  if (random() < 0.2) text += `.post${Math.floor(random() * 3)}`;
  if (random() < 0.2) text += `.dev${Math.floor(random() * 3)}`;
  if (options.local !== false && random() < 0.15) text += pick(random, ["+0", "+1", "+a", "+a.1", "+1.a", "+a.b"]);
  return text;
}

/** The text of a valid specifier out of the same space. */
export function specifierCase(random: () => number): string {
  const operator = pick(random, ["==", "!=", "<=", ">=", "<", ">", "~=", "==", "!="] as const);
  if (operator === "~=") return `~=${versionCase(random, { local: false, length: 2 + Math.floor(random() * 2) })}`;
  if (operator !== "==" && operator !== "!=") return operator + versionCase(random, { local: false });
  if (random() < 0.4)
    return `${operator}${Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * 3)).join(".")}.*`;
  return operator + versionCase(random);
}

/** Versions that stand close to the bounds of generated specifiers. */
export function sampleVersions(random: () => number, count: number): Version[] {
  return Array.from({ length: count }, () => parseVersion(versionCase(random)));
}
