import { expect, test } from "bun:test";
import { checksum, sealText, unsealText } from "./index.ts";

test("what was sealed comes back, as text and as bytes", () => {
  for (const text of ["", "a", '{"naïve":"\u{1f600}"}', "x".repeat(100_000)]) {
    expect(unsealText(sealText(text))).toBe(text);
    expect(unsealText(Buffer.from(sealText(text)))).toBe(text);
  }
  expect(checksum("123456789")).toBe("cbf43926");
});

test("nothing, a missing end, a missing beginning and each changed letter are found", () => {
  const sealed = sealText('{"pages":[1,2,3]}');
  for (const broken of [undefined, "", "0000000", sealed.slice(0, -1), sealed.slice(1), `${sealed} `])
    expect(unsealText(broken)).toBeUndefined();
  for (let at = 0; at < sealed.length; at += 1)
    expect(unsealText(`${sealed.slice(0, at)}${sealed[at] === "0" ? "1" : "0"}${sealed.slice(at + 1)}`)).toBeUndefined();
});
