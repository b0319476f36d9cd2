/**
 * Each of pip's error exits has its twin: what pip refuses, pen refuses, with a text that says where the fault is and what to type. pip's own outcome on the
 * same lines is compared in differential.test.ts; here is what the better text holds.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildWheel } from "../support/wheels.ts";
import { digest, openWorld, projects, python, type World } from "../support/world.ts";

const zeros = "0".repeat(64);
const other = buildWheel({ name: "other", version: "1.0" });

interface Refusal {
  readonly name: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly code: string;
  readonly status?: number;
  /** Each must be in what is said. */
  readonly says: readonly string[];
}

const table: readonly Refusal[] = [
  { name: "no name", args: ["install", "==1.0"], code: "INVALID_REQUIREMENT", says: ["column 1", "    ==1.0\n    ^", "hint:"] },
  { name: "half a version", args: ["install", "lib=="], code: "INVALID_REQUIREMENT", says: ["column 6", "    lib==\n         ^"] },
  {
    name: "one equals sign",
    args: ["install", "lib=1.0"],
    code: "INVALID_REQUIREMENT",
    says: ["column 4", "lib==1.0", "    lib=1.0\n       ^"],
  },
  {
    name: "an open bracket",
    args: ["install", "lib[one"],
    code: "INVALID_REQUIREMENT",
    says: ["column 4", "    lib[one\n       ^", "never closed"],
  },
  {
    name: "a broken marker",
    args: ["install", "lib; python_version > "],
    code: "INVALID_REQUIREMENT",
    says: ["lib; python_version >", "^"],
  },
  { name: "an unknown marker", args: ["install", 'lib; phase == "full"'], code: "INVALID_REQUIREMENT", says: ["column 6", "phase"] },
  {
    name: "a line of a file",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": "# one\nlib\n  lib >>1\n" },
    code: "INVALID_REQUIREMENT",
    says: ["r.txt, line 3, column 8"],
  },
  {
    name: "a line of a file that a file includes",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": "-r deep/more.txt\n", "deep/more.txt": "lib\nlib ;\n" },
    code: "INVALID_REQUIREMENT",
    says: ["deep/more.txt, line 2"],
  },
  {
    name: "an unknown option in a file",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": "--indx-url x\n" },
    code: "REQUIREMENTS_FILE",
    says: ["r.txt", "1", "--index-url"],
  },
  { name: "a file that is not there", args: ["install", "-r", "none.txt"], code: "REQUIREMENTS_FILE", says: ["none.txt"] },
  {
    name: "a constraint with extras",
    args: ["install", "-c", "c.txt", "lib"],
    files: { "c.txt": "\nlib[one]<2\n" },
    code: "INVALID_REQUIREMENT",
    says: ["Constraints cannot have extras", "c.txt, line 2", "without the brackets"],
  },
  {
    name: "an editable constraint",
    args: ["install", "-c", "c.txt", "lib"],
    files: { "c.txt": "-e ./x\n" },
    code: "INVALID_REQUIREMENT",
    says: ["Editable requirements are not allowed as constraints", "c.txt, line 1"],
  },
  {
    name: "a constraint without a name",
    args: ["install", "-c", "c.txt", "lib"],
    files: { "c.txt": "./lib.whl\n" },
    code: "INVALID_REQUIREMENT",
    says: ["Unnamed requirements are not allowed as constraints", "NAME @"],
  },
  {
    name: "a wrong hash",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": `lib==1.0 --hash=sha256:${zeros}\n` },
    code: "HASH_MISMATCH",
    says: [zeros, "got", "tampered"],
  },
  {
    name: "a hash for one, none for the other",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": `lib==1.0 --hash=sha256:${zeros}\nneedy==1.0\n` },
    code: "HASH_REQUIRED",
    says: ["needy has no hash", "r.txt, line 2", "--generate-hashes"],
  },
  {
    name: "a hash and no pin",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": `lib>=1 --hash=sha256:${zeros}\n` },
    code: "HASH_REQUIRED",
    says: ["lib is not pinned", "r.txt, line 1"],
  },
  {
    name: "a dependency without a hash",
    args: ["install", "--require-hashes", "-r", "r.txt"],
    files: { "r.txt": "needy==1.0 --hash=sha256:{needy}\n" },
    code: "HASH_REQUIRED",
    says: ["lib==", "needed by needy"],
  },
  {
    name: "a broken hash",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": "lib==1.0 --hash=sha256\n" },
    code: "REQUIREMENTS_FILE",
    says: ["r.txt", "--hash=sha256:"],
  },
  {
    name: "MD5",
    args: ["install", "-r", "r.txt"],
    files: { "r.txt": `lib==1.0 --hash=md5:${"0".repeat(32)}\n` },
    code: "REQUIREMENTS_FILE",
    says: ["MD5", "sha256"],
  },
  {
    name: "a file of another name",
    args: ["install", "lib @ {origin}/files/other-1.0-py3-none-any.whl"],
    code: "INVALID_WHEEL",
    says: ["is not lib", "the distribution other", "other @"],
  },
  {
    name: "metadata of another name than the index says",
    args: ["install", "lying"],
    code: "RESOLUTION_CONFLICT",
    says: ["The metadata of lying-1.0-py3-none-any.whl is of something else", "'another'"],
  },
  {
    name: "metadata of another version than the index says",
    args: ["install", "older"],
    code: "RESOLUTION_CONFLICT",
    says: ["The metadata of older-1.0-py3-none-any.whl is of something else", "'0.9'"],
  },
  { name: "no such project", args: ["install", "lbi"], code: "PACKAGE_NOT_FOUND", says: ["lbi", "--index-url"] },
  { name: "no such version", args: ["install", "lib==9"], code: "RESOLUTION_CONFLICT", says: ["lib==9"] },
  { name: "two wishes that clash", args: ["install", "lib<1.5", "lib>1.5"], code: "RESOLUTION_CONFLICT", says: ["lib<1.5", "lib>1.5"] },
  { name: "a wish and a need that clash", args: ["install", "needy", "lib>2"], code: "RESOLUTION_CONFLICT", says: ["needy", "lib"] },
  { name: "a Python that does not fit", args: ["install", "ancient"], code: "RESOLUTION_CONFLICT", says: ["ancient", "Python"] },
  {
    name: "a platform that does not fit",
    args: ["install", "windows-only"],
    code: "RESOLUTION_CONFLICT",
    says: ["windows-only", "win_amd64"],
  },
  { name: "no folder", args: ["install", "./nowhere"], code: "PACKAGE_NOT_FOUND", says: ["nowhere"] },
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
    world = await openWorld({ projects: { ...offered, other: [{ filename: other.filename, bytes: other.bytes }] } });
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
