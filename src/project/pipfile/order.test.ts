import { expect, test } from "bun:test";
import { byCodePoints } from "./order.ts";

test("texts are ordered by code points", () => {
  const texts = ["", "Z", "a", "aa", "ab", "b", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{1f600}", "\u{1f600}a", "\u{10ffff}"];
  const points = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) ?? 0);
  for (const a of texts)
    for (const b of texts) {
      const [left, right] = [points(a), points(b)];
      const at = left.findIndex((point, index) => point !== right[index]);
      const expected = at < 0 ? Math.sign(left.length - right.length) : Math.sign((left[at] ?? 0) - (right[at] ?? -1));
      expect(Math.sign(byCodePoints(a, b)), `${a} ${b}`).toBe(expected);
    }
});
