import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError, readHost, type PenError } from "#foundation";
import { requirementText } from "#standards";
import { pythonThat } from "../../../tests/support/pythons.ts";
import { loadRequirements, type LoadedRequirements, type RequirementEntry } from "../index.ts";

let base: string;
beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "pen-requirements-"));
});
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

let count = 0;
type Content = string | Uint8Array;

/** Writes files into a new folder. */
function write(files: Readonly<Record<string, Content>>): string {
  const folder = join(base, `case ${(count += 1)}`);
  fs.mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(folder, name)), { recursive: true });
    fs.writeFileSync(join(folder, name), content);
  }
  return folder;
}

interface Given {
  readonly pages?: Readonly<Record<string, string>>;
  readonly constraints?: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function load(folder: string, files: readonly string[], given: Given = {}): Promise<LoadedRequirements> {
  const fetchText = (url: string): Promise<string> => {
    const text = given.pages?.[url];
    return text === undefined ? Promise.reject(new Error(`no page ${url}`)) : Promise.resolve(text);
  };
  const host = readHost({ env: given.env ?? {}, cwd: folder, home: folder });
  return loadRequirements(files, given.constraints ?? [], { host, fetchText, readInput: () => Promise.resolve(given.input ?? "") });
}

const textOf = ({ source }: RequirementEntry): string => (source.kind === "named" ? requirementText(source.requirement) : source.location);
const texts = (entries: readonly RequirementEntry[]): string[] => entries.map(textOf);

async function failureOf(work: Promise<unknown>): Promise<PenError> {
  try {
    await work;
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("nested files", () => {
  test("stand relative to the file that names them; requirements relative to the working directory", async () => {
    const folder = write({
      "a.txt": "a\n-r sub/b.txt\nlast",
      "sub/b.txt": "b\n-r ../c.txt\n-r deep/d.txt\n./local",
      "c.txt": "c",
      "sub/deep/d.txt": "d",
    });
    const loaded = await load(folder, ["a.txt"]);
    expect(texts(loaded.requirements)).toEqual(["a", "b", "c", "d", join(folder, "local"), "last"]);
    expect(loaded.requirements.map(({ origin }) => `${origin.file}:${origin.line}`)).toEqual([
      "a.txt:1",
      "sub/b.txt:1",
      "../c.txt:1",
      "deep/d.txt:1",
      "sub/b.txt:4",
      "a.txt:3",
    ]);
  });

  test("-c inside -r bounds, and whatever it names bounds too", async () => {
    const folder = write({ "a.txt": "a\n-c bounds.txt", "bounds.txt": "b<2\n-r more.txt", "more.txt": "c<3" });
    const loaded = await load(folder, ["a.txt"], { constraints: ["more.txt"] });
    expect(texts(loaded.requirements)).toEqual(["a"]);
    expect(texts(loaded.constraints)).toEqual(["b<2", "c<3"]);
  });

  test("behind URLs, relative to the URL, from there to other places, and as file: URLs", async () => {
    const folder = write({ "local.txt": "local", "a b.txt": "spaced" });
    const pages = {
      "https://h/x/a.txt": `a\n-r b.txt\n-r /c.txt\n-r https://other/d.txt\n-r file://${folder.replace(" ", "%20")}/local.txt`,
      "https://h/x/b.txt": "b",
      "https://h/c.txt": "c",
      "https://other/d.txt": "d",
    };
    const loaded = await load(folder, ["https://h/x/a.txt", `file://${folder}/a%20b.txt`], { pages });
    expect(texts(loaded.requirements)).toEqual(["a", "b", "c", "d", "local", "spaced"]);
  });

  test("standard input is read once", async () => {
    const folder = write({ "a.txt": "a" });
    expect(texts((await load(folder, ["-", "-"], { input: "x\n-r a.txt" })).requirements)).toEqual(["x", "a"]);
  });

  test("one that is named twice is read once; files that name each other twice do not double", async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${at}.txt`, `p${at}\n-r ${at + 1}.txt\n-r ./${at + 1}.txt`]));
    const folder = write({ ...files, "40.txt": "end" });
    expect((await load(folder, ["0.txt", "0.txt"])).requirements.length).toBe(41);
  });
});

describe("circles are an error that shows them", () => {
  const cases: ReadonlyArray<readonly [title: string, files: Record<string, string>, shown: readonly string[]]> = [
    ["a file that names itself", { "a.txt": "x\n-r a.txt" }, ["a.txt", "a.txt"]],
    ["two files", { "a.txt": "-r b.txt", "b.txt": "-r a.txt" }, ["a.txt", "b.txt", "a.txt"]],
    ["over -c", { "a.txt": "-c b.txt", "b.txt": "-c ./a.txt" }, ["a.txt", "b.txt", "a.txt"]],
    ["over folders", { "a.txt": "-r s/b.txt", "s/b.txt": "-r ../s/../a.txt" }, ["a.txt", "s/b.txt", "a.txt"]],
  ];
  for (const [title, files, shown] of cases) {
    test(title, async () => {
      const folder = write(files);
      const error = await failureOf(load(folder, ["a.txt"]));
      expect(error.code).toBe("REQUIREMENTS_FILE");
      expect(error.why).toBe(shown.map((name) => join(folder, name)).join("\n  includes "));
    });
  }

  test("over URLs, without their credentials", async () => {
    const pages = { "https://u:secret@h/a.txt": "-r b.txt", "https://u:secret@h/b.txt": "-r https://u:secret@h/x/../a.txt" };
    const error = await failureOf(load(write({}), ["https://u:secret@h/a.txt"], { pages }));
    expect(error.why).toBe("https://****@h/a.txt\n  includes https://****@h/b.txt\n  includes https://****@h/a.txt");
  });

  test("over links that lead back into the folder", async () => {
    const folder = write({ "a.txt": "-r self/a.txt" });
    fs.symlinkSync(".", join(folder, "self"));
    expect((await failureOf(load(folder, ["a.txt"]))).code).toBe("REQUIREMENTS_FILE");
  });

  test("a server that makes up names without end is stopped", async () => {
    let asked = 0;
    const host = readHost({ env: {}, cwd: base, home: base });
    const fetchText = (): Promise<string> => Promise.resolve(`-r ${(asked += 1)}.txt`);
    const error = await failureOf(loadRequirements(["https://h/0.txt"], [], { host, fetchText }));
    expect(error.message).toContain("nested more than 100 deep");
    expect(asked).toBeLessThan(102);
  });
});

describe("encodings", () => {
  const utf16 = (text: string, little: boolean): Uint8Array => {
    const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
    return little ? bytes : bytes.swap16();
  };
  const text = "flask # é\n./ü";
  const cases: ReadonlyArray<readonly [title: string, content: Content]> = [
    ["UTF-8", text],
    ["UTF-8 with a mark", `\ufeff${text}`],
    ["UTF-16 LE", utf16(text, true)],
    ["UTF-16 BE", utf16(text, false)],
    ["PEP 263: latin-1", Buffer.from(`# -*- coding: latin-1 -*-\n${text}`, "latin1")],
    ["PEP 263 in the second line: iso8859-1", Buffer.from(`# first\n# vim: set fileencoding=iso8859-1 :\n${text}`, "latin1")],
    ["PEP 263: utf_8_sig", `# coding=utf_8_sig\n${text}`],
  ];
  for (const [title, content] of cases) {
    test(title, async () => {
      const folder = write({ "r.txt": content });
      expect(texts((await load(folder, ["r.txt"])).requirements)).toEqual(["flask", join(folder, "ü")]);
    });
  }
  test("what is not that text, or an unknown encoding, is an error that says so", async () => {
    for (const content of [
      Buffer.from(text, "latin1"),
      "# coding: klingon\n",
      Buffer.from([0xff, 0xfe, 0, 0, 97, 0, 0, 0]),
      Buffer.from([0xff, 0xfe, 0, 0xd8, 97, 0]),
    ]) {
      const error = await failureOf(load(write({ "r.txt": content }), ["r.txt"]));
      expect(error.message).toContain("is not text in ");
      expect(error.hint).toContain("UTF-8");
    }
  });
  test("a comment of the third line, or inside a line, names no encoding", async () => {
    expect(texts((await load(write({ "r.txt": "\n\n# coding: klingon\nflask" }), ["r.txt"])).requirements)).toEqual(["flask"]);
    expect(texts((await load(write({ "r.txt": "flask # coding: klingon" }), ["r.txt"])).requirements)).toEqual(["flask"]);
  });
});

describe("options of all files add up", () => {
  test("the last index, all others; variables of the host", async () => {
    const folder = write({
      "a.txt": "-i https://${NAME}@one\n--extra-index-url https://e1\n-r b.txt\n--pre",
      "b.txt": "-i https://two\n--extra-index-url https://e2\n--no-binary x",
    });
    const { options } = await load(folder, ["a.txt"], { env: { NAME: "n" } });
    expect(options).toMatchObject({
      indexUrl: "https://two",
      extraIndexUrls: ["https://e1", "https://e2"],
      noBinary: ["x"],
      prereleases: true,
      noIndex: false,
    });
  });
  test("a folder of --find-links stands beside the file when it is there, else in the working directory", async () => {
    const folder = write({ "s/r.txt": "-f wheels\n-f elsewhere\n-f https://h/x\n-f file:///x", "s/wheels/x": "" });
    expect((await load(folder, ["s/r.txt"])).options.findLinks).toEqual([
      join(folder, "s/wheels"),
      join(folder, "elsewhere"),
      "https://h/x",
      "file:///x",
    ]);
  });
});

describe("what cannot be read", () => {
  test("a missing file says who names it", async () => {
    const folder = write({ "a.txt": "\n-r missing.txt" });
    const error = await failureOf(load(folder, ["a.txt"]));
    expect(error.message).toBe(`Could not open the requirements file ${join(folder, "missing.txt")}`);
    expect(error.why).toContain("It is named in a.txt, line 2.");
    expect((await failureOf(load(folder, ["none.txt"]))).why).not.toContain("named in");
  });
  test("a folder, a foreign file: URL, URLs that are none", async () => {
    const folder = write({ "d/x": "", "bad.txt": "-r https://[", "worse.txt": "-r file://other-host/x" });
    for (const file of ["d", "bad.txt", "worse.txt", "https://["])
      expect((await failureOf(load(folder, [file]))).code).toBe("REQUIREMENTS_FILE");
    expect((await failureOf(load(folder, ["https://h/a"], { pages: { "https://h/a": "-r //[" } }))).code).toBe("REQUIREMENTS_FILE");
  });
});

/** A small generator of numbers, so that every run has the same cases. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const oracle = pythonThat(
  "from pip._internal.req.req_file import parse_requirements, preprocess; from pip._internal.network.session import PipSession",
);
// A Python whose pip was split off has nothing to compare with: then there is no case.
if (oracle !== undefined)
  describe(`pip of ${oracle.path} reads the same`, () => {
    const script = `
import json, os, sys
from pip._internal.req.req_file import parse_requirements, preprocess
from pip._internal.network.session import PipSession
from pip._internal.index.package_finder import PackageFinder
from pip._internal.index.collector import LinkCollector
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
out = []
for folder, file, texts in json.load(sys.stdin):
    os.chdir(folder)
    session = PipSession()
    finder = PackageFinder.create(LinkCollector(session, SearchScope.create([], [], no_index=False)), SelectionPreferences(allow_yanked=True))
    try:
        found = [[r.requirement, r.is_editable, r.constraint, (r.options or {}).get("hashes", {})] for r in parse_requirements(file, session, finder)]
        out.append({"found": found, "index": finder.index_urls, "links": finder.find_links, "pre": finder.allow_all_prereleases})
    except Exception as error:
        out.append({"error": type(error).__name__})
    out[-1]["lines"] = [list(preprocess(text)) for text in texts]
json.dump(out, sys.stdout)`;

    test("requirements, hashes, nested files and options of generated files", async () => {
      const random = seeded(7);
      const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
      const hash = (): string => `--hash=${pick(["sha256", "sha512"])}:${"0123456789abcdef"[random(16)]}${random(1000)}`;
      const joint = (): string => pick([" ", "  ", " \\\n  ", " \\\n"]);
      const requirement = (): string =>
        `${pick(["flask", "Django", "a.b", "x_y"])}${pick(["", "[e]", "[e, f]"])}${pick(["", "==1.0", ">=2,<3", " ~= 1.4", " @ https://h/x.whl"])}${pick(["", " ; python_version > '3'", ' ; extra == "q"'])}`;
      const line = (depth: number): string => {
        switch (random(depth > 0 ? 11 : 10)) {
          case 0:
            return pick(["", "   ", "# words", "  # -r nothing.txt", "\t#--index-url x", "# tail \\"]);
          case 1:
            return `${requirement()}${joint()}${hash()}${joint()}${hash()}`;
          case 2:
            return `-e ${pick(["./local", "git+https://h/r.git#egg=x", "'./a b'"])}`;
          case 3:
            return pick([
              "-i https://one/simple",
              "--index-url=https://two",
              "--extra-index-url https://three",
              "--extra-index https://four",
              "--no-index --pre",
              "--pre",
              "--trusted-host h",
              "-f https://links",
              "--find-links=nowhere",
            ]);
          case 4:
            return `${requirement()} # ${pick(["words", "--hash=sha256:00", "-r x", "\\"])}`;
          case 5:
            return `\${NAME}==${random(9)}`;
          case 10:
            return `${pick(["-r ", "-r", "--requirement ", "--requirement=", "-c ", "--constraint="])}${pick(["n", "./n"])}${depth - 1}.txt`;
          default:
            return `${requirement()}${pick(["", " ", "\t", " \\\n# words", "\\"])}`;
        }
      };
      const page = (depth: number): string => Array.from({ length: 1 + random(8) }, () => line(depth)).join(pick(["\n", "\n", "\r\n"]));
      const cases = Array.from({ length: 250 }, () => {
        const files = { "top.txt": page(2), "n1.txt": page(1), "n0.txt": page(0) };
        return [write(files), "top.txt", Object.values(files)] as const;
      });
      const answer = spawnSync(oracle.path, ["-I", "-W", "ignore", "-c", script], {
        encoding: "utf8",
        input: JSON.stringify(cases),
        env: { PATH: "/usr/bin:/bin", HOME: base, NAME: "named" },
        maxBuffer: 1 << 28,
      });
      if (answer.status !== 0) throw new Error(answer.stderr);
      interface Theirs {
        readonly error?: string;
        readonly found: ReadonlyArray<readonly [text: string, editable: boolean, constraint: boolean, hashes: Record<string, string[]>]>;
        readonly index: string[];
        readonly links: string[];
        readonly pre: boolean;
        readonly lines: ReadonlyArray<ReadonlyArray<readonly [number, string]>>;
      }
      let compared = 0;
      for (const [at, theirs] of (JSON.parse(answer.stdout) as Theirs[]).entries()) {
        const [folder, file, contents] = cases[at]!;
        const { logicalLines } = await import("./lines.ts");
        for (const [index, lines] of theirs.lines.entries())
          expect(logicalLines(contents[index]!, { NAME: "named" }).map(({ number, text }) => [number, text] as const)).toEqual([...lines]);
        // pip reads a file again each time it is named, and takes what a constraints file names with -r for requirements: pen does neither.
        const names = contents.join("\n").match(/^(?:-r|-c|--req\S*?|--con\S*?)[ =]?(?:\.\/)?n\d/gm) ?? [];
        const isPlain = names.length < 2 || new Set(names.map((name) => name.slice(-2))).size === names.length;
        if (!isPlain || /^(?:-c|--con)/m.test(contents.join("\n"))) continue;
        const own = await load(folder, [file], { env: { NAME: "named" } }).catch((error: unknown) => error as PenError);
        if (theirs.error !== undefined) expect([contents, theirs.error, own instanceof Error]).toEqual([contents, theirs.error, true]);
        if ("code" in own) {
          // pip reads the requirement itself only later; a global option behind one it passes over in silence.
          if (theirs.error === undefined) expect([own.code, own.why ?? ""].join(" ")).toMatch(/^INVALID_|takes no option|one too many/);
          continue;
        }
        const normal = (text: string): string => text.replace(/\s+/g, "").replaceAll('"', "'").toLowerCase();
        const mine = own.requirements.map((entry) => [
          entry.source.kind === "named" ? normal(requirementText(entry.source.requirement)) : entry.source.location,
          entry.editable,
          [...entry.hashes].sort(),
        ]);
        const yours = theirs.found.map(([text, editable, , hashes]) => [
          editable && text.startsWith(".") ? join(folder, text) : editable ? text : normal(text),
          editable,
          Object.entries(hashes)
            .flatMap(([algorithm, digests]) => digests.map((digest) => `${algorithm}:${digest}`))
            .sort(),
        ]);
        expect([contents, mine] as unknown).toEqual([contents, yours]);
        const { options } = own;
        // In pip a later -i also forgets the further indexes before it, and --no-index all of them until the next: here order says nothing.
        const indexes = [options.indexUrl, ...options.extraIndexUrls];
        if (!options.noIndex) for (const index of theirs.index) expect(indexes).toContain(index);
        if (theirs.index.length > 0 && !/^(?:--extra|-i.*--extra)/m.test(contents.join("\n")) && !options.noIndex)
          expect(options.indexUrl).toBe(theirs.index[0]);
        expect([contents, options.prereleases, options.findLinks.includes("https://links")]).toEqual([
          contents,
          theirs.pre,
          theirs.links.includes("https://links"),
        ]);
        compared += 1;
      }
      expect(compared).toBeGreaterThan(60);
    });
  });
