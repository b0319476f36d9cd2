import { describe, expect, test } from "bun:test";
import { pick, seeded } from "../../standards/generated-cases.test.ts";
import { editPipfile, parsePipfile, type PipfileEdit, type PipfileTable, type TomlValue } from "../index.ts";
import { isTomlTable } from "../toml/reading.ts";

const put = (name: string, value: string | PipfileTable = "*", category = "packages"): PipfileEdit => ({
  kind: "put",
  category,
  name,
  value,
});
const remove = (name: string, category = "packages"): PipfileEdit => ({ kind: "remove", category, name });

/** Without the two tables that every edited Pipfile has. */
function edited(text: string, ...edits: PipfileEdit[]): string {
  return editPipfile(text, edits).replace(/\r?\n\[dev-packages\]\r?\n$/, "");
}

const cases: ReadonlyArray<readonly [title: string, text: string, edits: readonly PipfileEdit[], expected: string]> = [
  [
    "the same value in other quotes stays as it is",
    "[packages]\na = '*'\n[dev-packages]",
    [put("a")],
    "[packages]\na = '*'\n[dev-packages]",
  ],
  ["a value keeps its quotes and its comment", "[packages]\nA = '>=1' # why\n", [put("a", ">=2")], "[packages]\nA = '>=2' # why\n"],
  ["what cannot stand in single quotes gets double ones", "[packages]\na = '>=1'\n", [put("a", "it's")], `[packages]\na = "it's"\n`],
  ["another spelling is the same name", '[packages]\nFoo_Bar = "*"\n', [put("foo.bar", ">=1")], '[packages]\nFoo_Bar = ">=1"\n'],
  [
    "members of an inline table are changed one by one",
    "[packages]\na = { version = '>=1', extras = ['x'],index = \"i\" } # c\n",
    [put("a", { version: ">=2", extras: ["x"], editable: true })],
    "[packages]\na = { version = '>=2', extras = ['x'],editable = true } # c\n",
  ],
  [
    "an inline table over lines keeps its comments",
    '[packages]\na = {\n  # which\n  version = ">=1", # so\n  # where\n  index = "i",\n}\nb = {version = "1",}\n',
    [put("a", { version: ">=2" }), put("b", { path: "." })],
    '[packages]\na = {\n  # which\n  version = ">=2", # so\n  # where\n  \n}\nb = {path = ".",}\n',
  ],
  [
    "the only member of an inline table is replaced",
    '[packages]\na = {\n  # which\n  version = ">=1", # so\n}\n',
    [put("a", { path: "." }), put("a", {})],
    "[packages]\na = {}\n",
  ],
  [
    "a table of its own keeps its form and its comments",
    '[packages.a]\n# version\nversion = ">=1" # v\nindex = "i"\n\n[packages]\nb = "*"\n',
    [put("a", { version: ">=2", extras: ["x"] })],
    '[packages.a]\n# version\nversion = ">=2" # v\nextras = ["x"]\n\n[packages]\nb = "*"\n',
  ],
  [
    "dotted keys keep their form",
    '[packages]\na.version = ">=1"\nb = "*"\n',
    [put("a", { version: ">=2", index: "i" })],
    '[packages]\na.version = ">=2"\na.index = "i"\nb = "*"\n',
  ],
  [
    "dotted keys become a text in their place",
    '[packages]\na.version = ">=1"\na.index = "i"\nb = "*"\n',
    [put("a")],
    '[packages]\na = "*"\nb = "*"\n',
  ],
  [
    "a table of its own becomes a text",
    '[packages]\nb = "*"\n\n[packages.a]\nversion = ">=1"\n\n[docs]\n',
    [put("a")],
    '[packages]\nb = "*"\na = "*"\n\n[docs]\n',
  ],
  [
    "a category of sub-tables alone gets a header",
    '[packages.a]\nversion = ">=1"\n',
    [put("b")],
    '[packages]\nb = "*"\n\n[packages.a]\nversion = ">=1"\n',
  ],
  ["a category in one line", 'packages = {a = "*"}\n', [put("b"), remove("a")], 'packages = {b = "*"}\n'],
  ["the only one of a category in one line", 'packages = {a = "*"}\n', [remove("a"), put("c")], 'packages = {c = "*"}\n'],
  ["dotted keys at the top", 'packages.a = "*" # c\n\n[docs]\n', [put("b"), remove("a")], 'packages.b = "*"\n\n[docs]\n'],
  [
    "a removed value over several lines",
    '[packages]\na = {extras = [\n  "x", # why\n  "y",\n]} # c\nb = "*"\n',
    [remove("a")],
    '[packages]\nb = "*"\n',
  ],
  ["a comment above a removed entry stays", '[packages]\n# keep me\na = "*"\nb = "*"\n', [remove("a")], '[packages]\n# keep me\nb = "*"\n'],
  ["blank lines do not pile up", '[packages]\na = "*"\n\nb = "*"\n\nc = "*"\n', [remove("b")], '[packages]\na = "*"\n\nc = "*"\n'],
  ["several blank lines stay several", '[packages]\na = "*"\n\n\n\n[docs]\n', [put("b")], '[packages]\na = "*"\nb = "*"\n\n\n\n[docs]\n'],
  [
    "a comment above the next header stays there",
    '[packages]\na = "*"\n\n# docs\n[docs]\n',
    [put("b")],
    '[packages]\na = "*"\nb = "*"\n\n# docs\n[docs]\n',
  ],
  [
    "clearing keeps header and comments",
    '[packages] # p\n# one\na = "*" # a\nb.version = "1"\n\n[packages.c]\npath = "."\n\n[docs]\n',
    [{ kind: "clear", category: "packages" }],
    "[packages] # p\n# one\n\n[docs]\n",
  ],
  [
    "what is not there is not removed",
    '[packages]\na = "*"',
    [remove("b"), remove("a", "docs"), { kind: "clear", category: "docs" }],
    '[packages]\na = "*"',
  ],
  ["carriage returns", '[packages]\r\na = "*"\r\n', [put("b"), remove("a")], '[packages]\r\nb = "*"\r\n'],
  ["no newline at the end", '[packages]\na = "*"', [put("b")], '[packages]\na = "*"\nb = "*"\n'],
  ["a byte order mark", '\ufeff[packages]\na = "*"\n', [put("b")], '\ufeff[packages]\na = "*"\nb = "*"\n'],
  [
    "a setting that is there",
    "[packages]\n[pipenv]\nallow_prereleases = false # no\n",
    [{ kind: "set", table: "pipenv", key: "allow_prereleases", value: true }],
    "[packages]\n[pipenv]\nallow_prereleases = true # no\n",
  ],
  [
    "the Python of a project",
    '[packages]\n[requires]\npython_version = "3.9"\n',
    [{ kind: "set", table: "requires", key: "python_version", value: "3.12" }],
    '[packages]\n[requires]\npython_version = "3.12"\n',
  ],
  [
    "sorting moves an entry with the comment above it",
    '[pipenv]\nsort_pipfile = true\n\n[packages]\n# the b\nb = "*" # b\na = "*"\n\n# alone\n\nZ = "*"',
    [put("c")],
    '[pipenv]\nsort_pipfile = true\n\n[packages]\nZ = "*"\na = "*"\n\n# alone\n\n# the b\nb = "*" # b\nc = "*"\n',
  ],
  [
    "names that every object has",
    '[packages]\na = "*"\n',
    [put("constructor"), put("toString", "1")],
    '[packages]\na = "*"\nconstructor = "*"\ntostring = "1"\n',
  ],
];

describe("an edit changes what it names and nothing else", () => {
  for (const [title, text, edits, expected] of cases) test(title, () => expect(edited(text, ...edits)).toBe(expected));

  test("nothing to do leaves every byte", () => {
    const text = '\r\n\n[packages]\n  a="*"';
    expect(editPipfile(text, [put("a"), remove("b")])).toBe(text);
  });

  test("a name that is none is refused", () => {
    expect(() => editPipfile("", [put("a b")])).toThrow("Not a valid name");
  });
});

const categories = ["packages", "dev-packages", "docs"];
const names = ["alpha", "Beta_x", "gam.ma", "d", "E", "zeta", "pin", "constructor"];

/** A value with its text in one of many styles. */
function valueCase(random: () => number): readonly [text: string, value: string | PipfileTable] {
  const version = pick(random, ["*", ">=1", "==2.0"]);
  const quote = pick(random, ['"', "'"]);
  if (random() < 0.5) return [`${quote}${version}${quote}`, version];
  const table: PipfileTable = { version, ...(random() < 0.5 ? { extras: ["x", "y"] } : {}), ...(random() < 0.3 ? { index: "i" } : {}) };
  const gap = pick(random, ["", " "]);
  const members = Object.entries(table).map(
    ([key, value]) => `${key}${gap}=${gap}${Array.isArray(value) ? "[ 'x', \"y\" ]" : `${quote}${String(value)}${quote}`}`,
  );
  return [`{${gap}${members.join(`,${gap}`)}${gap}}`, table];
}

interface Generated {
  readonly text: string;
  /** Category → name → value. */
  readonly model: Map<string, Map<string, string | PipfileTable>>;
  /** The lines that belong to each entry. */
  readonly owners: Map<string, string[]>;
}

const canonical = (name: string): string => name.replace(/[-_.]+/g, "-").toLowerCase();

function pipfileCase(random: () => number): Generated {
  const lines: string[] = [];
  const model: Generated["model"] = new Map();
  const owners: Generated["owners"] = new Map();
  const noise = (): void => {
    while (random() < 0.3) lines.push(pick(random, ["", "", "# a comment", `  # ${Math.floor(random() * 1e6)}`]));
  };
  noise();
  for (const category of categories) {
    if (random() < 0.2) continue;
    const entries = new Map<string, string | PipfileTable>();
    model.set(category, entries);
    lines.push(`[${category}]${pick(random, ["", " # header"])}`);
    const late: string[] = [];
    for (const name of names) {
      if (random() < 0.5) continue;
      const [text, value] = valueCase(random);
      entries.set(canonical(name), value);
      const style = typeof value === "string" ? 0 : random();
      const written = name.includes(".") ? `"${name}"` : name;
      const members = typeof value === "string" ? [] : Object.entries(value).map(([key, member]) => [key, JSON.stringify(member)] as const);
      const own =
        style < 0.6
          ? [`${pick(random, ["", "  "])}${written} = ${text}${pick(random, ["", "  # behind"])}`]
          : style < 0.8
            ? members.map(([key, member]) => `${written}.${key} = ${member}`)
            : [`[${category}.${written}]`, ...members.map(([key, member]) => `${key} = ${member}`)];
      owners.set(`${category} ${canonical(name)}`, own);
      if (style < 0.8) {
        noise();
        lines.push(...own);
      } else late.push(...own, ...(random() < 0.5 ? [""] : []));
    }
    lines.push(...late);
    noise();
  }
  const newline = random() < 0.2 ? "\r\n" : "\n";
  return { text: lines.join(newline) + (random() < 0.8 ? newline : ""), model, owners };
}

function editCase(random: () => number): PipfileEdit {
  const [category, name] = [pick(random, categories), pick(random, [...names, "new-one", "New_Two"])];
  return random() < 0.7 ? put(name, valueCase(random)[1], category) : remove(name, category);
}

/** The entries of a text, as plain values. */
function entriesOf(text: string): Map<string, Map<string, unknown>> {
  const found = new Map<string, Map<string, unknown>>();
  const plain = (value: TomlValue): unknown => (isTomlTable(value) ? Object.fromEntries(Object.entries(value)) : value);
  for (const category of categories) {
    const table = parsePipfile(text, "Pipfile").raw[category];
    if (isTomlTable(table)) found.set(category, new Map(Object.entries(table).map(([key, value]) => [canonical(key), plain(value)])));
  }
  return found;
}

const filled = (model: ReadonlyMap<string, ReadonlyMap<string, unknown>>): unknown =>
  Object.fromEntries([...model].filter(([, entries]) => entries.size > 0).map(([name, entries]) => [name, Object.fromEntries(entries)]));

test("generated: after edits the file says what they said, and every other line is where it was", () => {
  for (let seed = 1; seed <= 600; seed += 1) {
    const random = seeded(seed);
    const { text, model, owners } = pipfileCase(random);
    const edits = Array.from({ length: 1 + Math.floor(random() * 4) }, () => editCase(random));
    const after = editPipfile(text, edits);
    const touched = new Set<string>();
    for (const edit of edits) {
      if (edit.kind !== "put" && edit.kind !== "remove") continue;
      const name = canonical(edit.name);
      for (const line of owners.get(`${edit.category} ${name}`) ?? []) touched.add(line);
      if (edit.kind === "remove") model.get(edit.category)?.delete(name);
      else {
        if (!model.has(edit.category)) model.set(edit.category, new Map());
        model.get(edit.category)?.set(name, edit.value);
      }
    }
    const context = `seed ${seed}\n${JSON.stringify(edits)}\n${text}\n--- after\n${after}`;
    expect(filled(entriesOf(after)), context).toEqual(filled(model));
    // Lines that hold neither a touched entry nor nothing at all are all there, in their order.
    const kept = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !touched.has(line));
    const lines = after.split(/\r?\n/);
    let at = 0;
    for (const line of kept) {
      const found = lines.indexOf(line, at);
      if (found < 0) expect(line, context).toBe("there");
      at = found + 1;
    }
    if (after !== text) expect(after.endsWith("\n"), context).toBe(true);
    expect(editPipfile(after, edits.slice(-1)), context).toBe(after);
  }
});
