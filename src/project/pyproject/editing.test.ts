import { describe, expect, test } from "bun:test";
import { requirementText } from "#standards";
import { pick, seeded } from "../../standards/generated-cases.test.ts";
import { editPyproject, newPyproject, parsePyproject, type PyprojectEdit, type PyprojectPlace } from "../index.ts";

const main: PyprojectPlace = { kind: "main" };
const put = (requirement: string, place: PyprojectPlace = main): PyprojectEdit => ({ kind: "put", place, requirement });
const remove = (name: string, place: PyprojectPlace = main): PyprojectEdit => ({ kind: "remove", place, name });
const dev: PyprojectPlace = { kind: "group", name: "dev" };
const docs: PyprojectPlace = { kind: "extra", name: "docs" };

const cases: ReadonlyArray<readonly [title: string, text: string, edits: readonly PyprojectEdit[], expected: string]> = [
  ["behind the others", '[project]\ndependencies = ["a"]\n', [put("b>=1")], '[project]\ndependencies = ["a", "b>=1"]\n'],
  ["into an empty list", "[project]\ndependencies = [ ]\n", [put("b")], '[project]\ndependencies = ["b"]\n'],
  [
    "in the quotes of the others",
    "[project]\ndependencies = ['a']\n",
    [put("b"), put("c; os_name == 'nt'")],
    `[project]\ndependencies = ['a', 'b', "c; os_name == 'nt'"]\n`,
  ],
  [
    "on a line of its own",
    '[project]\ndependencies = [\n  "a", # why\n  "b" # no comma\n]\n',
    [put("c")],
    '[project]\ndependencies = [\n  "a", # why\n  "b", # no comma\n  "c",\n]\n',
  ],
  [
    "above a comment that ends the list",
    '[project]\ndependencies = [\n\t"a",\n\t# the end\n]\n',
    [put("c")],
    '[project]\ndependencies = [\n\t"a",\n\t"c",\n\t# the end\n]\n',
  ],
  [
    "into an empty list of lines",
    "[project]\ndependencies = [\n  # none\n]\n",
    [put("c")],
    '[project]\ndependencies = [\n  # none\n    "c",\n]\n',
  ],
  [
    "behind one in the line of the bracket",
    '[project]\ndependencies = ["a",\n  "b"]\n',
    [put("c")],
    '[project]\ndependencies = ["a",\n  "b", "c"]\n',
  ],
  [
    "in the place of its older self",
    '[project]\ndependencies = [\n  "Foo_Bar>=1", # why\n  "b",\n]\n',
    [put("foo-bar>=2")],
    '[project]\ndependencies = [\n  "foo-bar>=2", # why\n  "b",\n]\n',
  ],
  [
    "one for several",
    `[project]\ndependencies = ["a; os_name == 'nt'", "b", "a; os_name != 'nt'"]\n`,
    [put("a")],
    '[project]\ndependencies = ["a", "b"]\n',
  ],
  ["the same again", "[project]\ndependencies = ['a>=1']", [put("a>=1")], "[project]\ndependencies = ['a>=1']"],
  [
    "without dependencies",
    '[project]\nname = "x"\n\n[tool.x]\ny = 1\n',
    [put("a")],
    '[project]\nname = "x"\ndependencies = ["a"]\n\n[tool.x]\ny = 1\n',
  ],
  ["without anything", "# mine\n", [put("a", dev)], '# mine\n\n[dependency-groups]\ndev = ["a"]\n'],
  [
    "a new group",
    '[dependency-groups]\ntest = ["a"]\n\n[tool.x]\n',
    [put("b", dev)],
    '[dependency-groups]\ntest = ["a"]\ndev = ["b"]\n\n[tool.x]\n',
  ],
  [
    "a group under its spelling",
    '[dependency-groups]\nDev = [{include-group = "x"}]\n',
    [put("b", dev)],
    '[dependency-groups]\nDev = [{include-group = "x"}, "b"]\n',
  ],
  ["an extra", '[project.optional-dependencies]\ndocs = ["a"]\n', [put("b", docs)], '[project.optional-dependencies]\ndocs = ["a", "b"]\n'],
  [
    "a first extra",
    '[project]\nname = "x"\n',
    [put("b", docs)],
    '[project]\nname = "x"\n\n[project.optional-dependencies]\ndocs = ["b"]\n',
  ],
  [
    "an extra with dots",
    '[project]\noptional-dependencies.test = ["a"]\n',
    [put("b", docs)],
    '[project]\noptional-dependencies.test = ["a"]\noptional-dependencies.docs = ["b"]\n',
  ],
  [
    "an extra in one line",
    '[project]\noptional-dependencies = {test = ["a"]}\n',
    [put("b", docs), put("c", { kind: "extra", name: "test" })],
    '[project]\noptional-dependencies = {test = ["a", "c"], docs = ["b"]}\n',
  ],
  [
    "a project in one line",
    'project = {name = "x", dependencies = ["a"]}\n',
    [put("b")],
    'project = {name = "x", dependencies = ["a", "b"]}\n',
  ],
  ["removing the only one", '[project]\ndependencies = ["a"]\n', [remove("A")], "[project]\ndependencies = []\n"],
  ["removing the first", '[project]\ndependencies = ["a", "b"]\n', [remove("a")], '[project]\ndependencies = ["b"]\n'],
  ["removing the last", '[project]\ndependencies = [ "a", "b" ]\n', [remove("b")], '[project]\ndependencies = [ "a" ]\n'],
  [
    "removing a line with its comment",
    '[project]\ndependencies = [\n  "a", # a\n  # above b\n  "b", # b\n  "c",\n]\n',
    [remove("b")],
    '[project]\ndependencies = [\n  "a", # a\n  # above b\n  "c",\n]\n',
  ],
  ["removing the last line", '[project]\ndependencies = [\n  "a",\n  "b"\n]\n', [remove("b")], '[project]\ndependencies = [\n  "a",\n]\n'],
  [
    "removing all of a name",
    `[project]\ndependencies = ["a; os_name == 'nt'", "b", "a; os_name != 'nt'"]\n`,
    [remove("a")],
    '[project]\ndependencies = ["b"]\n',
  ],
  ["removing what is not there", "[project]\n", [remove("a"), remove("a", dev)], "[project]\n"],
  [
    "a field",
    '[project]\nrequires-python = ">=3.8" # old\n',
    [{ kind: "set", key: "requires-python", value: ">=3.9" }],
    '[project]\nrequires-python = ">=3.9" # old\n',
  ],
  ["a new field", '[project]\nname = "x"\n', [{ kind: "set", key: "version", value: "1" }], '[project]\nname = "x"\nversion = "1"\n'],
  [
    "carriage returns",
    '[project]\r\ndependencies = [\r\n  "a",\r\n]\r\n',
    [put("b"), remove("a")],
    '[project]\r\ndependencies = [\r\n  "b",\r\n]\r\n',
  ],
  [
    "an item that is none is left alone",
    '[project]\ndependencies = ["a b", "c"]\n',
    [put("d"), remove("c")],
    '[project]\ndependencies = ["a b", "d"]\n',
  ],
];

describe("an edit changes what it names and nothing else", () => {
  for (const [title, text, edits, expected] of cases) test(title, () => expect(editPyproject(text, edits)).toBe(expected));

  test("what is no requirement is refused", () => {
    expect(() => editPyproject("", [put("a b")])).toThrow("Not a valid requirement");
  });
});

const names = ["alpha", "Beta_x", "gam.ma", "d", "E"];
const canonical = (name: string): string => name.replace(/[-_.]+/g, "-").toLowerCase();

test("generated: lists of every shape say what the edits said, and keep their comments", () => {
  for (let seed = 1; seed <= 800; seed += 1) {
    const random = seeded(seed);
    const model = names.filter(() => random() < 0.5).map((name) => `${name}${pick(random, ["", ">=1", "==2.0"])}`);
    const isLong = random() < 0.6;
    const pieces = model.flatMap((item, at) => {
      const quote = pick(random, ['"', "'"]);
      const comma = at < model.length - 1 || random() < 0.5 ? `${pick(random, ["", " "])},` : "";
      const comment = isLong && random() < 0.3 ? ` # about ${at}` : "";
      const above = isLong && random() < 0.3 ? [`  # above ${at}\n`] : [];
      const end = isLong && (comment !== "" || random() < 0.8) ? "\n" : " ";
      return [...above, `${isLong ? "  " : ""}${quote}${item}${quote}${comma}${comment}${end}`];
    });
    const text = `# head\n[project]\ndependencies = [${isLong ? "\n" : ""}${pieces.join("")}${isLong && random() < 0.3 ? "  # last\n" : ""}] # tail\n\n[tool.x]\ny = [1]\n`;
    const edits: PyprojectEdit[] = [];
    const expected = new Map(model.map((item) => [canonical(/^[\w.]+/.exec(item)?.[0] ?? ""), item]));
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
      const name = pick(random, [...names, "new-one"]);
      if (random() < 0.6) {
        const requirement = `${name}${pick(random, ["", ">=3"])}`;
        edits.push(put(requirement));
        expected.set(canonical(name), requirement);
      } else {
        edits.push(remove(name));
        expected.delete(canonical(name));
      }
    }
    const after = editPyproject(text, edits);
    const context = `seed ${seed}\n${JSON.stringify(edits)}\n${text}\n--- after\n${after}`;
    const found = parsePyproject(after, "pyproject.toml").groups[0]!.requirements.map(({ requirement }) => requirementText(requirement));
    expect(
      [...found].sort((a, b) => a.localeCompare(b)),
      context,
    ).toEqual([...expected.values()].sort((a, b) => a.localeCompare(b)));
    for (const comment of text.match(/^ *# .*$/gm) ?? []) expect(after, context).toContain(comment);
    expect(after.startsWith("# head\n[project]\n") && after.endsWith("] # tail\n\n[tool.x]\ny = [1]\n"), context).toBe(true);
    expect(editPyproject(after, edits.slice(-1)), context).toBe(after);
  }
});

test("a new pyproject.toml", () => {
  const text = newPyproject({
    name: "demo",
    version: "0.1.0",
    requiresPython: ">=3.9",
    dependencies: ["requests>=2; python_version >= '3.9'"],
    extras: new Map([["docs", ["sphinx"]]]),
    groups: new Map([["dev", []]]),
  });
  expect(text).toBe(`[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.9"
dependencies = [
    "requests>=2; python_version >= '3.9'",
]

[project.optional-dependencies]
docs = [
    "sphinx",
]

[dependency-groups]
dev = []
`);
  expect(parsePyproject(text, "pyproject.toml").groups.map(({ requirements }) => requirements.length)).toEqual([1, 1, 0]);
  expect(newPyproject({ name: "x", version: "1", description: 'a "b"', dependencies: [] })).toBe(
    '[project]\nname = "x"\nversion = "1"\ndescription = "a \\"b\\""\ndependencies = []\n',
  );
});
