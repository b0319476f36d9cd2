import { expect, test } from "bun:test";
import { bytesOf, textOf } from "./utf8.ts";

const texts = ["", "plain", "\ufeffmark", "é 漢字 🐍", "\ud83d", "\udc0d\ud83d", "\0", "x".repeat(5000)];

test("texts and bytes are what Buffer makes of each other", () => {
  for (const text of texts) {
    expect([...bytesOf(text)]).toEqual([...Buffer.from(text)]);
    expect(textOf(bytesOf(text))).toBe(Buffer.from(text).toString());
  }
  // Beginnings, middles and ends of characters, and what is none, in every order.
  const kinds = [0, 0x41, 0x7f, 0x80, 0x9f, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xa0, 0xf0, 0xf4, 0xff];
  for (const one of kinds)
    for (const two of kinds)
      for (const three of kinds) {
        const bytes = Uint8Array.of(one, two, three, 0x9f);
        expect(textOf(bytes)).toBe(Buffer.from(bytes).toString());
      }
});
