import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { referencePages } from "../scripts/docs.ts";
const root = join(import.meta.dirname, "..");

test("the reference pages are those that the tables in the code give", async () => {
  for (const [name, text] of Object.entries(await referencePages())) {
    expect(readFileSync(join(root, name), "utf8")).toBe(text);
  }
});
