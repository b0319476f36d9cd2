import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { normalizeName, tryNormalizeName } from "./index.ts";

describe("PEP 503 names", () => {
  test.each([
    ["friendly-bard", "friendly-bard"],
    ["Friendly-Bard", "friendly-bard"],
    ["FRIENDLY-BARD", "friendly-bard"],
    ["friendly.bard", "friendly-bard"],
    ["friendly_bard", "friendly-bard"],
    ["friendly--bard", "friendly-bard"],
    ["FrIeNdLy-._.-bArD", "friendly-bard"],
    ["A", "a"],
    ["7zip", "7zip"],
    ["zope.interface", "zope-interface"],
  ])("%s is %s", (text, expected) => {
    expect<string>(normalizeName(text)).toBe(expected);
    expect<string>(normalizeName(normalizeName(text))).toBe(expected);
  });

  test.each(["", "-a", "a-", ".a", "a_", "a b", "a/b", "é", "a\n", "\u212aelvin", "a\u0000"])("%j is refused", (text) => {
    expect(tryNormalizeName(text)).toBeUndefined();
    expect(() => normalizeName(text)).toThrow("Not a valid name");
  });

  test("the error has its code and no control characters", () => {
    try {
      normalizeName("a\u001b[31m");
      expect.unreachable();
    } catch (error) {
      expect(isPenError(error, "INVALID_NAME")).toBe(true);
      expect((error as Error).message).not.toContain("\u001b");
    }
  });
});
