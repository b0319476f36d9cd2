/** Generated Pipfiles in pen's hands and in pipenv's: the hash, and the bytes after edits. */
import { defaultIndexUrl } from "#index";
import { describe, expect, test } from "bun:test";
import { editPipfile, parsePipfile, pipfileHashes, type PipfileEdit, type PipfileTable } from "#project";
import { pick, seeded } from "../../src/standards/generated-cases.test.ts";
import { askPipenv, pipenvPython } from "./oracle.ts";

const defaultSource = { name: "pypi", url: defaultIndexUrl, verifySsl: true };

/** One for the hash: odd names, letters of the world, variables, forms of every kind. */
function hashCase(seed: number): string {
  const random = seeded(seed);
  const lines: string[] = [];
  for (let at = Math.floor(random() * 3); at > 0; at -= 1) {
    const end = pick(random, ["", "é", "$X", "\\u2028", "\\\\"]);
    lines.push("[[source]]", `name = "s${at}"`, `url = "https://\${U}@h${at}.example/${end}"`);
    if (random() < 0.7) lines.push(`verify_ssl = ${String(random() < 0.5)}`);
  }
  if (random() < 0.5) lines.push("[requires]", `python_version = "3.${Math.floor(random() * 14)}"`);
  for (const category of ["packages", "dev-packages", "docs", '"Größe 😀"', '"a b"', '"\uffff"']) {
    if (random() < 0.4) continue;
    lines.push(`[${category}]`);
    for (const name of ["Foo_Bar", "a", "b.c", "Zope.Interface", "x--y", "PyYAML"])
      if (random() < 0.5)
        lines.push(
          `"${name}" = ${pick(random, [
            '"*"',
            "'==1.0'",
            '{version = "*", extras = ["b", "a"]}',
            '{git = "https://h.example/x", ref = "\\u00e9\\"", editable = true}',
            "{markers = \"os_name == '\u{1f600}\uffff'\", version = '*'}",
            '{version="1", no_binary=false, path = "."}',
          ])}`,
        );
  }
  if (random() < 0.3) lines.push("[scripts]", 'x = "y"');
  return `${lines.join(pick(random, ["\n", "\r\n"]))}\n`;
}

const names = ["foo_bar", "a", "PyYAML", "zed", "k-l"];

function valueCase(random: () => number): string | PipfileTable {
  return pick<string | PipfileTable>(random, [
    "*",
    ">=1",
    { version: "*", extras: ["b"] },
    { git: "https://h.example/x", ref: "v1", editable: true },
    { path: "." },
    { version: ">=1", markers: "os_name == 'nt'" },
  ]);
}

function written(value: string | PipfileTable): string {
  if (typeof value === "string") return `"${value}"`;
  const members = Object.entries(value).map(([key, member]) => `${key} = ${JSON.stringify(member)}`);
  return `{${members.join(", ")}}`;
}

/** One in the form that pipenv writes, with comments, and edits of it that pipenv does without a loss. */
function editCase(seed: number): { readonly text: string; readonly edits: readonly PipfileEdit[] } {
  const random = seeded(seed);
  const isSorted = random() < 0.2;
  const category = (name: string): string[] => {
    const lines = [`[${name}]${pick(random, ["", "", " # header"])}`];
    for (const key of names) {
      if (random() < 0.5) continue;
      // Sorting makes pipenv lose comments of their own line.
      if (!isSorted && random() < 0.15) lines.push(`# above ${key}`);
      lines.push(`${key} = ${written(valueCase(random))}${pick(random, ["", "", "", " # behind"])}`);
    }
    if (!isSorted && random() < 0.1) lines.push("# tail");
    return lines;
  };
  const sections = [
    ["[[source]]", `url = "${defaultIndexUrl}"`, "verify_ssl = true", 'name = "pypi"'],
    category("packages"),
    category("dev-packages"),
    ...(random() < 0.4 ? [category("docs")] : []),
    ...(random() < 0.5 ? [["[requires]", 'python_version = "3.11"']] : []),
    ...(isSorted ? [["[pipenv]", "sort_pipfile = true"]] : []),
    ...(random() < 0.3 ? [["[scripts]", 'x = "y"']] : []),
  ];
  if (random() < 0.3) sections.reverse();
  const edits = Array.from({ length: 1 + Math.floor(random() * 3) }, (): PipfileEdit => {
    const place = pick(random, ["packages", "dev-packages", "docs", "new one"]);
    return random() < 0.6
      ? { kind: "put", category: place, name: pick(random, ["new1", "New_Two", "zz"]), value: valueCase(random) }
      : { kind: "remove", category: place, name: pick(random, names) };
  });
  return { text: `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`, edits };
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe.skipIf(pipenvPython === undefined)("generated Pipfiles", () => {
  test("have pipenv's hash", () => {
    const texts = seeds(150).map(hashCase);
    const answers = askPipenv(texts.map((text) => ({ ask: "hashes", text }) as const));
    texts.forEach((text, at) => {
      const theirs = answers[at]!.answer as string[];
      const { current, accepted } = pipfileHashes(parsePipfile(text, "Pipfile"), defaultSource);
      expect([current, accepted], text).toEqual([theirs[0]!, new Set(theirs)]);
    });
  });

  test("have pipenv's bytes after edits", () => {
    const cases = seeds(150).map(editCase);
    const answers = askPipenv(cases.map(({ text, edits }) => ({ ask: "edit", text, edits }) as const));
    cases.forEach(({ text, edits }, at) => {
      expect(editPipfile(text, edits), `${JSON.stringify(edits)}\n${text}`).toBe(answers[at]!.error ?? String(answers[at]!.answer));
    });
  });
});
