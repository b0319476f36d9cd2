import { expect, test } from "bun:test";
import { listFolder, readText } from "#foundation";
import { join } from "node:path";

test("every heading of docs/solver.md that the code links to is there", () => {
  const folder = import.meta.dirname;
  const headings = new Set(
    [...readText(join(folder, "../../docs/solver.md")).matchAll(/^## (.+)$/gm)].map((match) =>
      match[1]!.toLowerCase().replaceAll(" ", "-"),
    ),
  );
  const links = listFolder(folder).flatMap(({ name }) =>
    [...readText(join(folder, name)).matchAll(/docs\/solver\.md#([a-z-]+)/g)].map((match) => match[1]!),
  );
  expect(links.length).toBeGreaterThan(8);
  expect(links.filter((link) => !headings.has(link))).toEqual([]);
});
