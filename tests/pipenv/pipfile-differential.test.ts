/** A Pipfile in pen's hands and in pipenv's own: the hash, the file after an edit, the variables of a source. */
import { defaultIndexUrl } from "#index";
import { describe, expect, test } from "bun:test";
import {
  editPipfile,
  expandVariables,
  newPipfile,
  parsePipfile,
  pipfileHashes,
  scriptCommands,
  type PipfileEdit,
  type PipfileTable,
} from "#project";
import { parseVersion, specifiersContain } from "#standards";
import { askPipenv, pipenvPython } from "./oracle.ts";

const defaultSource = { name: "pypi", url: defaultIndexUrl, verifySsl: true };
const source = `[[source]]\nurl = "${defaultIndexUrl}"\nverify_ssl = true\nname = "pypi"\n\n`;
const requires = '\n[requires]\npython_version = "3.11"\n';
const put = (name: string, value: string | PipfileTable = "*", category = "packages"): PipfileEdit => ({
  kind: "put",
  category,
  name,
  value,
});
const remove = (name: string, category = "packages"): PipfileEdit => ({ kind: "remove", category, name });
const clear = (category: string): PipfileEdit => ({ kind: "clear", category });
const addSource: PipfileEdit = { kind: "add-source", source: { name: "n", url: "https://n.example/simple", verifySsl: false } };
const prereleases: PipfileEdit = { kind: "set", table: "pipenv", key: "allow_prereleases", value: true };
const full = `${source}[packages]\na = "*"\nb = ">=1"\nc = {version = "*", extras = ["x"]}\n\n[dev-packages]\nd = "*"\n${requires}`;

/** Where pipenv keeps everything, the bytes are the same. */
const same: ReadonlyArray<readonly [title: string, text: string, edits: readonly PipfileEdit[]]> = [
  ["into an empty category", `${source}[packages]\n\n[dev-packages]\n${requires}`, [put("Foo_Bar")]],
  ["behind the others", full, [put("e", ">=1,<2")]],
  ["several", full, [put("e"), put("f"), put("g", "*", "dev-packages")]],
  ["a table", full, [put("e", { extras: ["x", "y"], version: ">=1", markers: "sys_platform == 'win32'" })]],
  ["a repository", full, [put("e", { editable: true, ref: "main", git: "https://h.example/x.git" })]],
  ["a folder", full, [put("e", { path: ".", editable: true })]],
  ["quotes and escapes", full, [put("e", { version: 'tab\t"q" \\ é \u0001\u007f' })]],
  ["the last one in new words", full, [put("c", { version: ">=2", extras: ["x"] })]],
  ["a new category", full, [put("sphinx", "*", "docs"), put("furo", "*", "docs")]],
  ["a new category with a strange name", full, [put("sphinx", "*", "my docs")]],
  ["behind a comment", `${source}[packages]\na = "*"\n# end\n\n[dev-packages]\n${requires}`, [put("b")]],
  ["behind a comment that stands alone", `${source}[packages]\na = "*"\n\n# end\n\n[dev-packages]\n${requires}`, [put("b")]],
  ["behind a comment only", `${source}[packages] # the packages\n# first\n\n[dev-packages]\n`, [put("c")]],
  ["behind indented ones", `${source}[packages]\n    a = "*"\n    b = "*"\n\n[dev-packages]\n`, [put("c")]],
  [
    "comments at ends of lines",
    `${source}[packages] # p\na = "*" # a\nb = '*'   # b\n\n[dev-packages] # d\n`,
    [put("c"), put("d", "*", "dev-packages")],
  ],
  ["no [dev-packages]", `${source}[packages]\na = "*"\n${requires}`, [put("b")]],
  ["no [packages]", `${source}[dev-packages]\na = "*"\n${requires}`, [put("b")]],
  ["an empty file", "", [put("b")]],
  ["a comment alone", "# only a comment", [put("b")]],
  ["no newline at the end", `${source}[packages]\na = "*"`, [put("b")]],
  ["carriage returns", `${source}[packages]\na = "*"\n`.replaceAll("\n", "\r\n"), [put("b")]],
  ["removing the first", full, [remove("a")]],
  ["removing the middle one", full, [remove("B")]],
  ["removing the last", full, [remove("C")]],
  ["removing all", full, [remove("a"), remove("b"), remove("c"), remove("d", "dev-packages")]],
  ["removing what is not there", full, [remove("x"), remove("a", "dev-packages")]],
  ["removing the last behind a blank line", `${source}[packages]\na = "*"\n\nb = "*"\n\n[dev-packages]\n`, [remove("b")]],
  ["removing at the end of the file", `${source}[dev-packages]\n\n[packages]\na = "*"\n\nb = "*"\n`, [remove("b")]],
  ["clearing the last category", `${source}[packages]\na = "*"\n\n[dev-packages]\nb = "*"\n`, [clear("dev-packages")]],
  ["a second source", full, [addSource]],
  ["a first source", `[packages]\na = "*"\n\n[dev-packages]\n${requires}`, [addSource]],
  ["a first setting", full, [prereleases]],
  ["one more setting", `${full}\n[pipenv]\ninstall_search_all_sources = true\n`, [prereleases]],
  [
    "sorting",
    `${source}[packages]\nc = "*"\na = "*" # x\nZ = "*"\nb_c = {extras = ["x"], version = "*"}\n\n[dev-packages]\n\n[pipenv]\nsort_pipfile = true\n`,
    [put("b-b")],
  ],
  [
    "sorting after a removal",
    `${source}[packages]\nc = "*"\na = "*"\nb = "*"\n\n[dev-packages]\n\n[pipenv]\nsort_pipfile = true\n`,
    [remove("b")],
  ],
];

/** Where it loses or moves something, pen does not. */
const kept: ReadonlyArray<readonly [title: string, text: string, edits: readonly PipfileEdit[], pens: string]> = [
  [
    "an entry stays in its place under its name",
    `${source}[packages]\nA = "*" # why\nb = "*"\n\n[dev-packages]\n`,
    [put("a", ">=1")],
    `${source}[packages]\nA = ">=1" # why\nb = "*"\n\n[dev-packages]\n`,
  ],
  [
    "blank lines between entries stay",
    `${source}[packages]\na = "*"\n\nc = "*"\n\n\n[dev-packages]\n`,
    [put("b")],
    `${source}[packages]\na = "*"\n\nc = "*"\nb = "*"\n\n\n[dev-packages]\n`,
  ],
  [
    "the comment of the next table stays with it",
    `${source}[packages]\na = "*"\n\n# about dev\n[dev-packages]\n`,
    [put("b")],
    `${source}[packages]\na = "*"\nb = "*"\n\n# about dev\n[dev-packages]\n`,
  ],
  [
    "a cleared category stays where it is",
    `${source}[packages]\na = "*"\n# c\n\n[dev-packages]\n`,
    [clear("packages")],
    `${source}[packages]\n# c\n\n[dev-packages]\n`,
  ],
  [
    "a table of its own stays one",
    `${source}[packages.c]\nversion = "*" # c\n\n[packages]\na = "*"\n\n[dev-packages]\n`,
    [put("b")],
    `${source}[packages.c]\nversion = "*" # c\n\n[packages]\na = "*"\nb = "*"\n\n[dev-packages]\n`,
  ],
  [
    "comments survive sorting",
    `${source}[packages]\n# b\nb = "*"\na = "*"\n\n[dev-packages]\n\n[pipenv]\nsort_pipfile = true\n`,
    [put("c")],
    `${source}[packages]\na = "*"\n# b\nb = "*"\nc = "*"\n\n[dev-packages]\n\n[pipenv]\nsort_pipfile = true\n`,
  ],
  [
    "the other spelling of a name is the same package",
    `${source}[packages]\nfoo_bar = "*"\n\n[dev-packages]\n`,
    [put("foo-bar", ">=1")],
    `${source}[packages]\nfoo_bar = ">=1"\n\n[dev-packages]\n`,
  ],
];

const pipfiles: ReadonlyArray<readonly [title: string, text: string]> = [
  ["nothing", ""],
  ["no source", '[packages]\nrequests = "*"\n'],
  ["everything", full],
  [
    "odd spellings",
    `${source}[packages]\nFoo_Bar = "*"\n"Zope.Interface" = ">=5"\n"a.b__c" = "*"\n[dev-packages]\nPyTest = {version = "*", Extras = []}\n`.replace(
      ", Extras = []",
      "",
    ),
  ],
  [
    "two sources with variables",
    `[[source]]\nurl = "https://\${USER}:$PASSWORD@h.example/simple"\nverify_ssl = true\nname = "a"\n[[source]]\nname = "b"\nurl = "https://b.example/simple"\nverify_ssl = false\n[packages]\nx = {version = "*", index = "b"}\n`,
  ],
  ["a source without verify_ssl", '[[source]]\nname = "a"\nurl = "file:///x"\n[packages]\n'],
  [
    "unicode",
    `${source}[packages]\na = {markers = "platform_release == 'é😀\u2028'", version = "*"}\n["größe 😀"]\nb = "*"\n["größe \uffff"]\nc = "*"\n`,
  ],
  ["a build system", `${source}[build-system]\nbuild_backend = "x"\n[packages]\na = "*"\n`],
  ["custom categories", `${source}[docs]\nSphinx = "*"\n[tests.x_y]\nversion = "*"\nextras = ["a"]\n[Lint]\n`],
  ["requires", `${source}[requires]\npython_version = "3"\npython_full_version = "3.11.4"\n[packages]\n`],
  [
    "numbers",
    `${source}[build-system]\na = 1\nb = 1.0\nc = 1.5e30\nd = 1e-7\ne = -0.0\nf = inf\ng = 0.1\nh = 1e16\ni = 12345678901234567890123\n`,
  ],
  ["scripts and settings do not count", `${full}\n[scripts]\nx = "y"\n[pipenv]\nallow_prereleases = true\n[pipfile]\nz = 1\n`],
  ["sub-tables and dotted keys", `${source}[packages]\na.version = ">=1"\na.extras = ["x"]\n[packages.b]\nversion = "*"\n`],
  [
    "repositories and paths",
    `${source}[packages]\na = {git = "https://\${T}@h.example/x.git", ref = "v1", editable = true, subdirectory = "s"}\nb = {path = "./b", editable = true}\nc = {file = "https://h.example/c.zip"}\nd = {version = "*", no_binary = true, hashes = ["sha256:${"0f".repeat(32)}"], skip_resolver = true}\n`,
  ],
  ["carriage returns", full.replaceAll("\n", "\r\n")],
  [
    "escapes",
    `${source}[packages]\na = {version = "*", markers = 'os_name == "a/b\\c"'}\nb = {markers = "os_name == '\\u007f\\t\\u00e9'", version = "==1.0\\u002b1"}\n`,
  ],
];

const environment = {
  USER: "me",
  PASSWORD: "p@ss:/%#?",
  TOKEN: "user:se/cret",
  HOST: "h.example",
  EMPTY: "",
  UNI: "é ü",
  q1: "x!'()*~._-",
};
const urls: readonly string[] = [
  "https://h.example/simple",
  "https://$USER:${PASSWORD}@${HOST}/simple/$USER",
  "https://${TOKEN}@h.example/simple",
  "https://${USER}@$HOST/",
  "https://${USER}:fixed@h.example/",
  "https://a:b@${HOST}/",
  "https://'${USER}':'${PASSWORD}'@h.example/",
  "https://${UNI}:${q1}@h.example/${UNI}?x=$USER#$USER",
  "https://${EMPTY}:${EMPTY}@h.example/",
  "https://${HOST}/a$",
  "file:///x/$USER/y",
  "$HOST/simple",
  "git@${HOST}:x/y",
  "https://a%40b:${PASSWORD}@h.example/",
  "https://h.example:8080/$USER/${EMPTY}x",
];

/** Values of `python_version`. A Python that is a prerelease fits too. */
const pythons: readonly string[] = [
  "3",
  "2",
  "3.8",
  "3.12",
  "3.13-dev",
  "3.11.4",
  "3.11.14",
  "3.11.0rc1",
  ">=3.9",
  ">=3.9,<4",
  "<3.12",
  "~=3.9",
  "~=3.11.4",
  "!=3.11.4",
  ">3.8, !=3.12.*, <=3.13.1",
  ">=3.11.0rc1",
];

/** Values of `[scripts]`. */
const scripts: readonly string[] = [
  '"pytest -x"',
  "'echo \"a b\" c'",
  `"echo 'a b' \\"c d\\" e\\\\ f"`,
  '"FOO=bar python -m x"',
  '"""\\\n  one\n  two\n"""',
  "\"echo '' # no comment\"",
  '{call = "package.module:function"}',
  "{call = \"package.module:function(1, 'two')\"}",
  '["ruff check .", "ruff format --check \'a b\'"]',
  '["one"]',
];

describe.skipIf(pipenvPython === undefined)("a Pipfile as pipenv has it", () => {
  const answers =
    pipenvPython === undefined
      ? []
      : askPipenv([
          ...same.map(([, text, edits]) => ({ ask: "edit", text, edits }) as const),
          ...kept.map(([, text, edits]) => ({ ask: "edit", text, edits }) as const),
          ...pipfiles.map(([, text]) => ({ ask: "hashes", text }) as const),
          ...urls.map((text) => ({ ask: "expand", text, env: environment }) as const),
        ]);
  const answerFor = (at: number): unknown => answers[at]?.error ?? answers[at]?.answer;

  same.forEach(([title, text, edits], at) => {
    test(`the same bytes: ${title}`, () => expect(editPipfile(text, edits)).toBe(String(answerFor(at))));
  });

  kept.forEach(([title, text, edits, pens], at) => {
    test(`better: ${title}`, () => {
      expect(editPipfile(text, edits)).toBe(pens);
      // When pipenv keeps it too one day, the case belongs above.
      expect(answerFor(same.length + at)).not.toBe(pens);
    });
  });

  pipfiles.forEach(([title, text], at) => {
    test(`the hash: ${title}`, () => {
      const { current, accepted } = pipfileHashes({ raw: parsePipfile(text, "Pipfile").raw }, defaultSource);
      const theirs = answerFor(same.length + kept.length + at) as string[];
      expect(current).toBe(theirs[0] ?? "");
      expect([...accepted].sort()).toEqual([...new Set(theirs)].sort());
    });
  });

  urls.forEach((text, at) => {
    test(`variables of ${text}`, () => {
      expect(expandVariables(text, environment)).toBe(String(answerFor(same.length + kept.length + pipfiles.length + at)));
    });
  });

  test("which Pythons fit [requires]", () => {
    const actual = ["2.7.18", "3.8.20", "3.9.0", "3.11.0rc1", "3.11.4", "3.11.14", "3.12.0", "3.13.1", "4.0.0"];
    const answers = askPipenv(pythons.map((required) => ({ ask: "python", required, actual }) as const));
    pythons.forEach((required, at) => {
      const { specifiers } = parsePipfile(`[requires]\npython_version = "${required}"\n`, "Pipfile").requires;
      expect([required, actual.map((version) => specifiersContain(specifiers, parseVersion(version), { prereleases: true }))]).toEqual([
        required,
        answers[at]?.answer as boolean[],
      ]);
    });
  });

  test("the words of scripts", () => {
    const texts = scripts.map((script) => `[scripts]\nx = ${script}\n`);
    const theirs = askPipenv(texts.map((text) => ({ ask: "script", text, name: "x", arguments: ["--more", "a b"] }) as const));
    texts.forEach((text, at) => {
      const script = parsePipfile(text, "Pipfile").scripts.get("x");
      expect(theirs[at]).toEqual({ answer: scriptCommands("x", script!, ["--more", "a b"]) });
    });
  });

  test("the Pipfile of a new project", () => {
    const more = { name: "n", url: "https://n.example/simple", verifySsl: false };
    const written = [defaultSource, more].map(({ name, url, verifySsl }) => ({ url, verify_ssl: verifySsl, name }));
    const [one, two, three] = askPipenv([
      { ask: "new", sources: written.slice(0, 1), requires: { python_version: "3.11" } },
      { ask: "new", sources: written, requires: { python_version: "3.11", python_full_version: "3.11.4" } },
      { ask: "new", sources: written.slice(0, 1), requires: {} },
    ]);
    expect(newPipfile({ sources: [defaultSource], pythonVersion: "3.11" })).toBe(String(one?.answer));
    expect(newPipfile({ sources: [defaultSource, more], pythonVersion: "3.11", pythonFullVersion: "3.11.4" })).toBe(String(two?.answer));
    expect(newPipfile({ sources: [defaultSource] })).toBe(String(three?.answer));
  });
});
