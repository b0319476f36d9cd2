/**
 * Each of pip's error exits has its twin: what pip refuses, pen refuses, with a text that says where the fault is and what to type. pip's own outcome on the
 * same lines is compared in differential.test.ts; here is what the better text holds.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSource } from "../support/sources.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, openWorld, projects, python, type World } from "../support/world.ts";

const zeros = "0".repeat(64);
const other = buildWheel({ name: "other", version: "1.0" });
const sourced = buildSource({ name: "sourced", version: "1.0" });

interface Refusal {
  readonly name: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly code: string;
  readonly status?: number;
  /** Each must be in what is said. */
  readonly says: readonly string[];
}

/** `pip install` with one word. */
const asked = (name: string, word: string, code: string, ...says: readonly string[]): Refusal => ({
  name,
  args: ["install", word],
  code,
  says,
});

/** `pip install -r` with a file that has this text. */
const inFile = (name: string, text: string, code: string, ...says: readonly string[]): Refusal => ({
  name,
  args: ["install", "-r", "r.txt"],
  files: { "r.txt": text },
  code,
  says,
});

/** `pip install -c` with a file that has this text. */
const inConstraints = (name: string, text: string, ...says: readonly string[]): Refusal => ({
  name,
  args: ["install", "-c", "c.txt", "lib"],
  files: { "c.txt": text },
  code: "INVALID_REQUIREMENT",
  says,
});

const table: readonly Refusal[] = [
  asked("no name", "==1.0", "INVALID_REQUIREMENT", "column 1", "    ==1.0\n    ^", "hint:"),
  asked("half a version", "lib==", "INVALID_REQUIREMENT", "column 6", "    lib==\n         ^"),
  asked("one equals sign", "lib=1.0", "INVALID_REQUIREMENT", "column 4", "lib==1.0", "    lib=1.0\n       ^"),
  asked("an open bracket", "lib[one", "INVALID_REQUIREMENT", "column 4", "    lib[one\n       ^", "never closed"),
  asked("a broken marker", "lib; python_version > ", "INVALID_REQUIREMENT", "lib; python_version >", "^"),
  asked("an unknown marker", 'lib; phase == "full"', "INVALID_REQUIREMENT", "column 6", "phase"),
  inFile("a line of a file", "# one\nlib\n  lib >>1\n", "INVALID_REQUIREMENT", "r.txt, line 3, column 8"),
  {
    name: "a line of a file that a file includes",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": "-r deep/more.txt\n", "deep/more.txt": "lib\nlib ;\n" },
    code: "INVALID_REQUIREMENT",
    says: ["deep/more.txt, line 2"],
  },
  inFile("an unknown option in a file", "--indx-url x\n", "REQUIREMENTS_FILE", "r.txt", "1", "--index-url"),
  { name: "a file that is not there", args: ["install", "-r", "none.txt"], code: "REQUIREMENTS_FILE", says: ["none.txt"] },
  inConstraints("a constraint with extras", "\nlib[one]<2\n", "Constraints cannot have extras", "c.txt, line 2", "without the brackets"),
  inConstraints("an editable constraint", "-e ./x\n", "Editable requirements are not allowed as constraints", "c.txt, line 1"),
  inConstraints("a constraint without a name", "./lib.whl\n", "Unnamed requirements are not allowed as constraints", "NAME @"),
  inFile("a wrong hash", `lib==1.0 --hash=sha256:${zeros}\n`, "HASH_MISMATCH", zeros, "got", "tampered"),
  inFile(
    "a hash for one, none for the other",
    `lib==1.0 --hash=sha256:${zeros}\nneedy==1.0\n`,
    "HASH_REQUIRED",
    "needy has no hash",
    "r.txt, line 2",
    "--generate-hashes",
  ),
  inFile("a hash and no pin", `lib>=1 --hash=sha256:${zeros}\n`, "HASH_REQUIRED", "lib is not pinned", "r.txt, line 1"),
  {
    name: "a dependency without a hash",
    args: ["install", "--require-hashes", "-r", "r.txt"],
    files: { "r.txt": "needy==1.0 --hash=sha256:{needy}\n" },
    code: "HASH_REQUIRED",
    says: ["lib==", "needed by needy"],
  },
  inFile("a broken hash", "lib==1.0 --hash=sha256\n", "REQUIREMENTS_FILE", "r.txt", "--hash=sha256:"),
  inFile("MD5", `lib==1.0 --hash=md5:${"0".repeat(32)}\n`, "REQUIREMENTS_FILE", "MD5", "sha256"),
  asked(
    "a file of another name",
    "lib @ {origin}/files/other-1.0-py3-none-any.whl",
    "INVALID_WHEEL",
    "is not lib",
    "the distribution other",
    "other @",
  ),
  asked(
    "metadata of another name than the index says",
    "lying",
    "RESOLUTION_CONFLICT",
    "The metadata of lying-1.0-py3-none-any.whl is of something else",
    "'another'",
  ),
  asked(
    "metadata of another version than the index says",
    "older",
    "RESOLUTION_CONFLICT",
    "The metadata of older-1.0-py3-none-any.whl is of something else",
    "'0.9'",
  ),
  asked("no such project", "lbi", "PACKAGE_NOT_FOUND", "lbi", "--index-url"),
  {
    name: "wheels are forbidden, and there is no source",
    args: ["install", "--no-binary", "lib", "lib"],
    code: "RESOLUTION_CONFLICT",
    says: [
      "have no source distribution, and --no-binary forbids its wheels",
      "hint: Let wheels be used for lib: change what --no-binary says.\n",
    ],
  },
  {
    name: "sources are forbidden, and there is no wheel",
    args: ["install", "--only-binary", ":all:", "sourced"],
    code: "RESOLUTION_CONFLICT",
    says: ["has only a source distribution, and --only-binary forbids its source", "Let sources be built for sourced"],
  },
  {
    name: "a bundle of what has no wheel",
    args: ["download", "--bundle", "b.tar", "sourced"],
    code: "RESOLUTION_CONFLICT",
    says: ["has only a source distribution, and wheels alone can be bundled"],
  },
  asked("no such version", "lib==9", "RESOLUTION_CONFLICT", "lib==9"),
  { name: "two wishes that clash", args: ["install", "lib<1.5", "lib>1.5"], code: "RESOLUTION_CONFLICT", says: ["lib<1.5", "lib>1.5"] },
  { name: "a wish and a need that clash", args: ["install", "needy", "lib>2"], code: "RESOLUTION_CONFLICT", says: ["needy", "lib"] },
  asked("a Python that does not fit", "ancient", "RESOLUTION_CONFLICT", "ancient", "Python"),
  asked("a platform that does not fit", "windows-only", "RESOLUTION_CONFLICT", "windows-only", "win_amd64"),
  asked("no folder", "./nowhere", "PACKAGE_NOT_FOUND", "nowhere"),
  { name: "no wheel's name", args: ["install", "./lib.whl"], files: { "lib.whl": "" }, code: "INVALID_FILENAME", says: ["lib.whl"] },
  {
    name: "no wheel",
    args: ["install", "./lib-1.0-py3-none-any.whl"],
    files: { "lib-1.0-py3-none-any.whl": "no zip" },
    code: "INVALID_WHEEL",
    says: ["lib-1.0"],
  },
  { name: "an editable name", args: ["install", "-e", "lib"], code: "INVALID_REQUIREMENT", says: ["lib"] },
  { name: "uninstall by a path", args: ["uninstall", "-y", "./lib"], code: "INVALID_REQUIREMENT", says: ["uninstalled by their names"] },
  {
    name: "uninstall without an answer",
    args: ["uninstall", "--no-input", "base"],
    code: "USAGE",
    status: 2,
    says: ["nothing was removed", "--yes"],
  },
  {
    name: "options that clash",
    args: ["install", "--only-deps", "--no-deps", "lib"],
    code: "OPTION_CONFLICT",
    says: ["--only-deps", "--no-deps"],
  },
  { name: "an unknown command", args: ["instal", "lib"], code: "UNKNOWN_COMMAND", says: ["Did you mean: pen pip install"] },
  { name: "an unknown option", args: ["install", "--upgrad-strategy", "x", "lib"], code: "USAGE", status: 2, says: ["--upgrade-strategy"] },
  {
    name: "a value that is none of the choices",
    args: ["install", "--upgrade-strategy", "eagr", "lib"],
    code: "USAGE",
    status: 2,
    says: ["Did you mean eager?"],
  },
];

describe.skipIf(python === undefined)("what is refused (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  let before: Readonly<Record<string, string>>;
  const offered = projects(
    { name: "lib", version: "1.0" },
    { name: "lib", version: "2.0" },
    { name: "needy", version: "1.0", requires: ["lib<2"] },
    { name: "base", version: "1.0" },
    { name: "ancient", version: "1.0", requiresPython: "<3", served: { requiresPython: "<3" } },
    { name: "windows-only", version: "1.0", tag: "py3-none-win_amd64" },
    { name: "lying", version: "1.0", metadata: (honest) => honest.replace("Name: lying", "Name: another") },
    { name: "older", version: "1.0", metadata: (honest) => honest.replace("Version: 1.0", "Version: 0.9") },
  );
  beforeAll(async () => {
    world = await openWorld({ projects: { ...offered, other: [other], sourced: [sourced] } });
    environment = world.bareEnvironment("env");
    expect((await world.pen(["pip", "install", "-q", "base"], { environment })).status).toBe(0);
    before = digest(environment);
  });
  afterAll(() => world?.close());

  for (const { name, args, files = {}, code, status = 1, says } of table)
    test(name, async () => {
      const cwd = join(world.work, name.replace(/\W+/g, "-"));
      mkdirSync(cwd, { recursive: true });
      const needy = new Bun.CryptoHasher("sha256").update(offered["needy"]?.[0]?.bytes ?? "").digest("hex");
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(cwd, path)), { recursive: true });
        writeFileSync(join(cwd, path), typeof content === "string" ? content.replaceAll("{needy}", needy) : content);
      }
      const ran = await world.pen(["pip", ...args.map((word) => word.replaceAll("{origin}", world.index.origin))], { environment, cwd });
      expect({ status: ran.status, stdout: ran.stdout, code: /\[([A-Z_]+)\]/.exec(ran.stderr)?.[1] }, ran.stderr).toEqual({
        status,
        stdout: "",
        code,
      });
      for (const text of says) expect(ran.stderr).toContain(text);
      expect(digest(environment)).toEqual(before as never);
    });
});
