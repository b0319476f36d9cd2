import { expect, test } from "bun:test";
import { hashText, isStrongHash, parseHash, requirementHashAlgorithms, strongHashAlgorithms } from "./hashes.ts";

const digest = "AB".repeat(32);

test("both spellings are read, digests become lower case", () => {
  expect(parseHash(`sha256:${digest}`)).toEqual({ algorithm: "sha256", digest: digest.toLowerCase() });
  expect(parseHash(`SHA256=${digest}`)).toEqual(parseHash(`sha256:${digest}`));
  expect(hashText(parseHash(`sha256=${digest}`))).toBe(`sha256:${digest.toLowerCase()}`);
});

test("md5, sha1 and sha224 are readable but not strong", () => {
  for (const text of [`md5:${"a".repeat(32)}`, `sha1:${"a".repeat(40)}`, `sha224:${"a".repeat(56)}`])
    expect(isStrongHash(parseHash(text))).toBe(false);
  for (const name of [...strongHashAlgorithms, ...requirementHashAlgorithms]) expect(isStrongHash(name)).toBe(true);
});

test.each([
  "",
  ":",
  "sha256",
  "sha256:",
  "sha256:zz",
  `sha256:${"a".repeat(63)}`,
  `sha256:${"g".repeat(64)}`,
  `sha257:${digest}`,
  `sha256:${digest}\n`,
  `__proto__:${digest}`,
  `constructor=${digest}`,
])("%j is refused", (text) => {
  expect(() => parseHash(text)).toThrow("is not a hash");
});
