import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { normalizeName, parseVersion } from "#standards";
import { tarGz, tarOf, type TarEntry } from "../../tests/support/sources.ts";
import { pythonThat } from "../../tests/support/pythons.ts";
import { buildZip, type ZipEntry } from "../../tests/support/wheels.ts";
import { spawnSync } from "node:child_process";
import { unpackSource, type UnpackOptions } from "./unpacking.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pen-unpack-"));
  mkdirSync(join(folder, "into"));
  mkdirSync(join(folder, "outside"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const python = pythonThat("import bz2, lzma")?.path ?? "python3";
const expected = { name: normalizeName("demo"), version: parseVersion("1.0") };

async function unpack(bytes: Uint8Array, options: Partial<UnpackOptions> = {}): Promise<string> {
  const path = join(folder, "archive");
  writeFileSync(path, bytes);
  return unpackSource(path, { filename: "demo-1.0.tar.gz", into: join(folder, "into"), python, ...options });
}

async function ruleOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return "accepted";
  } catch (error) {
    return isPenError(error, "INVALID_SOURCE") ? error.data["rule"] : error;
  }
}

const good: readonly TarEntry[] = [
  { name: "demo-1.0/", type: "5" },
  { name: "demo-1.0/setup.py", content: "print()\n", mode: 0o755 },
  { name: "demo-1.0/src/demo/__init__.py", content: "" },
];

describe("honest archives", () => {
  test("a tar.gz gives its one folder, with times, and with modes but for their special bits", async () => {
    const root = await unpack(tarGz([...good, { name: "demo-1.0/tool", content: "x", mode: 0o6755 }]), { expected });
    expect(root).toBe(join(folder, "into", "demo-1.0"));
    expect(readFileSync(join(root, "setup.py"), "utf8")).toBe("print()\n");
    expect(lstatSync(join(root, "tool")).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(root, "setup.py")).mtimeMs).toBe(1_600_000_000_000);
  });

  test("links inside are made, hard links are copies", async () => {
    const root = await unpack(
      tarGz([
        ...good,
        { name: "demo-1.0/link", type: "2", target: "src/../setup.py" },
        { name: "demo-1.0/hard", type: "1", target: "demo-1.0/setup.py" },
      ]),
    );
    expect(readlinkSync(join(root, "link"))).toBe("src/../setup.py");
    expect(readFileSync(join(root, "hard"), "utf8")).toBe("print()\n");
  });

  test.each(["demo-1.0", "Demo-1.0", "demo-1.0.0", "demo-v1.0"])("the folder %s is that of demo 1.0", async (root) => {
    await unpack(tarGz([{ name: `${root}/setup.py`, content: "" }]), { expected });
    expect(existsSync(join(folder, "into", root, "setup.py"))).toBe(true);
  });

  test("a name with './' before it, and one of more than 100 characters", async () => {
    const long = `demo-1.0/${"a".repeat(90)}/${"b".repeat(90)}.py`;
    const root = await unpack(tarGz([{ name: "./demo-1.0/setup.py" }, { name: "x", pax: { path: long }, content: "long" }]), { expected });
    expect(readFileSync(join(folder, "into", long), "utf8")).toBe("long");
    expect(readdirSync(root)).toContain("setup.py");
  });

  test("files without a folder around them are a project too, when nobody knows its name", async () => {
    expect(await unpack(tarGz([{ name: "setup.py" }, { name: "a/b.py" }]))).toBe(join(folder, "into"));
  });

  test("the same file with the same content twice, as some backends pack licences", async () => {
    const licence = { name: "demo-1.0/LICENSE", content: "x".repeat(100_000) };
    const root = await unpack(tarGz([licence, { name: "demo-1.0/setup.py" }, { ...licence, name: "demo-1.0/./LICENSE" }]), { expected });
    expect(readFileSync(join(root, "LICENSE"), "utf8")).toBe(licence.content);
    const zipped = await unpack(buildZip([licence, licence]), { filename: "demo-1.0.zip", expected, into: join(folder, "zipped") });
    expect(readdirSync(zipped)).toEqual(["LICENSE"]);
  });

  test("a zip file, also with a comment", async () => {
    const entries: ZipEntry[] = [
      { name: "demo-1.0/" },
      { name: "demo-1.0/setup.py", content: "zipped" },
      { name: "demo-1.0/stored", content: "s", method: 0 },
    ];
    const root = await unpack(buildZip(entries, { comment: "0123456789abcdef" }), { filename: "demo-1.0.zip", expected });
    expect(readFileSync(join(root, "setup.py"), "utf8")).toBe("zipped");
  });

  test("the real tar, bzip2 and xz write what is read here", async () => {
    if (pythonThat("import bz2, lzma") === undefined) return console.log("no Python with bz2 and lzma here: bzip2 and xz are not tried");
    mkdirSync(join(folder, "demo-1.0"));
    writeFileSync(join(folder, "demo-1.0", "setup.py"), "real");
    for (const mode of ["gz", "bz2", "xz", ""]) {
      const script = `import tarfile; t = tarfile.open("a", "w:${mode}"); t.add("demo-1.0"); t.close()`;
      expect(spawnSync(python, ["-I", "-c", script], { cwd: folder }).status).toBe(0);
      const into = join(folder, `into-${mode}`);
      mkdirSync(into);
      const root = await unpackSource(join(folder, "a"), {
        filename: mode === "" ? "demo-1.0.tar" : `demo-1.0.tar.${mode}`,
        into,
        python,
        expected,
      });
      expect(readFileSync(join(root, "setup.py"), "utf8")).toBe("real");
    }
  });
});

describe("hostile tar files are refused, and nothing outside is touched:", () => {
  const outside = "../outside/evil";
  const cases: ReadonlyArray<readonly [what: string, rule: string, entries: readonly TarEntry[]]> = [
    ["sd_dotdot: a name that leads out", "path-escape", [{ name: `demo-1.0/../../${outside}`, content: "x" }]],
    ["sd_dotdot: '..' in the middle that stays inside", "path-escape", [{ name: "demo-1.0/a/../b", content: "x" }]],
    ["sd_abs: an absolute name", "path-absolute", [{ name: "/tmp/pen-evil", content: "x" }]],
    ["a PAX path that leads out", "path-escape", [{ name: "demo-1.0/ok", pax: { path: outside }, content: "x" }]],
    ["a backslash", "path-backslash", [{ name: "demo-1.0\\..\\evil", content: "x" }]],
    ["a drive letter", "path-drive", [{ name: "C:evil", content: "x" }]],
    ["sd_name: a line break", "name-control-character", [{ name: "demo-1.0/a\nb", content: "x" }]],
    ["sd_name: an escape sequence", "name-control-character", [{ name: "demo-1.0/\u001b[31m", content: "x" }]],
    ["a name of 300 bytes", "name-too-long", [{ name: "x", pax: { path: `demo-1.0/${"n".repeat(300)}` } }]],
    ["200 folders deep", "name-too-long", [{ name: "x", pax: { path: `${"d/".repeat(200)}x` } }]],
    ["sd_symlink: a link out", "link-escape", [{ name: "demo-1.0/link", type: "2", target: "../../outside" }]],
    ["sd_symlink: an absolute link", "link-escape", [{ name: "demo-1.0/link", type: "2", target: "/etc/passwd" }]],
    [
      "sd_symlink: a chain of links, each of which looks harmless",
      "link-escape",
      [
        { name: "demo-1.0/a/b/c/x", content: "" },
        { name: "demo-1.0/one", type: "2", target: "a/b/c" },
        { name: "demo-1.0/two", type: "2", target: "one/../../../../outside" },
        { name: "demo-1.0/a/b/three", type: "2", target: "../../.." },
      ],
    ],
    [
      "sd_symlink_dir_write: a file written through a link",
      "file-folder-conflict",
      [
        { name: "demo-1.0/link", type: "2", target: "." },
        { name: "demo-1.0/link/evil", content: "x" },
      ],
    ],
    [
      "sd_symlink_dir_write: a file in the place of a link",
      "duplicate-member",
      [
        { name: "demo-1.0/link", type: "2", target: "setup.py" },
        { name: "demo-1.0/link", content: "x" },
      ],
    ],
    [
      "sd_hardlink: to a file of the machine",
      "link-escape",
      [{ name: "demo-1.0/hard", type: "1", target: "demo-1.0/../../outside/secret" }].slice(),
    ],
    ["sd_hardlink: to an absolute name", "path-absolute", [{ name: "demo-1.0/hard", type: "1", target: "/etc/passwd" }]],
    [
      "sd_hardlink: to what comes later",
      "link-escape",
      [{ name: "demo-1.0/hard", type: "1", target: "demo-1.0/later" }, { name: "demo-1.0/later" }],
    ],
    [
      "sd_hardlink: to a link",
      "link-escape",
      [
        { name: "demo-1.0/link", type: "2", target: "x" },
        { name: "demo-1.0/hard", type: "1", target: "demo-1.0/link" },
      ],
    ],
    ["sd_fifo: a pipe", "device-file", [{ name: "demo-1.0/pipe", type: "6" }]],
    ["a character device", "device-file", [{ name: "demo-1.0/null", type: "3" }]],
    ["a block device", "device-file", [{ name: "demo-1.0/disk", type: "4" }]],
    ["a sparse file", "sparse-file", [{ name: "demo-1.0/s", pax: { "GNU.sparse.major": "1" } }]],
    [
      "the same name twice",
      "duplicate-member",
      [
        { name: "demo-1.0/a", content: "1" },
        { name: "demo-1.0/a", content: "2" },
      ],
    ],
    [
      "the same name twice, with as many other bytes",
      "duplicate-member",
      [
        { name: "demo-1.0/a", content: "x".repeat(99_999) + "1" },
        { name: "demo-1.0/a", content: "x".repeat(99_999) + "2" },
      ],
    ],
    [
      "the same name twice, once with './'",
      "duplicate-member",
      [
        { name: "demo-1.0/a", content: "1" },
        { name: "demo-1.0/./a", content: "2" },
      ],
    ],
    ["a file where a folder is", "file-folder-conflict", [{ name: "demo-1.0/a/b" }, { name: "demo-1.0/a", content: "x" }]],
    ["a folder where a file is", "file-folder-conflict", [{ name: "demo-1.0/a", content: "x" }, { name: "demo-1.0/a/b" }]],
    ["a wrong checksum of a header", "broken-archive", [{ name: "demo-1.0/a", content: "x", badChecksum: true }]],
    ["a size that is not there", "broken-archive", [{ name: "demo-1.0/a", content: "x", size: 5000 }]],
    ["nothing at all", "no-project", []],
  ];
  test.each(cases)("%s", async (_what, rule, entries) => {
    writeFileSync(join(folder, "outside", "secret"), "secret");
    const found = await ruleOf(unpack(tarGz([{ name: "demo-1.0/", type: "5" }, ...entries].slice(entries.length === 0 ? 1 : 0))));
    // A hard link is looked for by its name first.
    expect([rule, ...(rule === "link-escape" ? ["path-escape"] : [])]).toContain(found as string);
    expect(readdirSync(join(folder, "outside"))).toEqual(["secret"]);
    expect(existsSync("/tmp/pen-evil")).toBe(false);
  });

  test.each(["other-1.0", "demo-2.0", "demo", "demo-1.0.evil"])("a root folder of another name or version: %s", async (root) => {
    expect(await ruleOf(unpack(tarGz([{ name: `${root}/setup.py` }]), { expected }))).toBe("root-folder");
  });

  test("two root folders", async () => {
    expect(await ruleOf(unpack(tarGz([...good, { name: "other/setup.py" }]), { expected }))).toBe("root-folder");
  });

  test("bomb_ratio: a file that unpacks to far more than its size", async () => {
    expect(await ruleOf(unpack(tarGz([{ name: "demo-1.0/zeros", content: new Uint8Array(48 * 2 ** 20) }])))).toBe("compression-bomb");
  });

  test("more members and more bytes than are allowed", async () => {
    expect(await ruleOf(unpack(tarGz(good), { limits: { maxMembers: 2 } }))).toBe("too-many-members");
    expect(await ruleOf(unpack(tarGz([{ name: "demo-1.0/a", content: "12345" }]), { limits: { maxSize: 4 } }))).toBe("too-large");
  });

  test("a huge size in a header costs nothing", async () => {
    const started = Date.now();
    expect(await ruleOf(unpack(tarGz([{ name: "demo-1.0/a", size: 8 ** 11 - 1 }])))).toBeOneOf(["too-large", "compression-bomb"]);
    expect(Date.now() - started).toBeLessThan(1000);
  });

  test("sd_polyglot: data behind the end of the tar file", async () => {
    expect(await ruleOf(unpack(tarGz(good, { suffix: Buffer.from("PK\u0003\u0004".padEnd(512, "x")) })))).toBe("broken-archive");
  });

  test("an archive that is cut off anywhere", async () => {
    const whole = tarGz(good);
    for (let at = 0; at < whole.length - 1; at += 13) {
      rmSync(join(folder, "into"), { recursive: true });
      mkdirSync(join(folder, "into"));
      expect(await ruleOf(unpack(whole.subarray(0, at)))).toBeOneOf(["broken-archive", "no-project"]);
    }
    expect(await ruleOf(unpack(tarOf(good, { end: false }), { filename: "demo-1.0.tar" }))).toBe("broken-archive");
  });

  test("what is no tar file, and what is no archive", async () => {
    expect(await ruleOf(unpack(Buffer.from("<html>not found</html>")))).toBe("broken-archive");
    expect(await ruleOf(unpack(tarGz(good), { filename: "demo-1.0.rar" }))).toBe("unsupported-archive");
    expect(await ruleOf(unpack(Buffer.from("no bzip2"), { filename: "demo-1.0.tar.bz2" }))).toBe("broken-archive");
  });
});

describe("hostile zip files are refused:", () => {
  const zip = (entries: readonly ZipEntry[], options: Parameters<typeof buildZip>[1] = {}): Promise<unknown> =>
    ruleOf(unpack(buildZip(entries, options), { filename: "demo-1.0.zip" }));
  const file: ZipEntry = { name: "demo-1.0/a", content: "content" };
  const cases: ReadonlyArray<readonly [string, string, readonly ZipEntry[], Parameters<typeof buildZip>[1]?]> = [
    ["a name that leads out", "path-escape", [{ name: "demo-1.0/../../evil", content: "x" }]],
    ["an absolute name", "path-absolute", [{ name: "/tmp/pen-evil", content: "x" }]],
    ["the same name twice", "duplicate-member", [file, { ...file, content: "y" }]],
    ["another name in its own header", "broken-archive", [{ ...file, local: { name: "demo-1.0/b" } }]],
    ["a wrong checksum", "broken-archive", [{ ...file, local: { crc: 1 }, central: { crc: 1 } }]],
    ["a size that is too small", "broken-archive", [{ ...file, local: { size: 2 }, central: { size: 2 } }]],
    ["encryption", "encrypted-member", [{ ...file, flags: 1 }]],
    ["an unknown way of packing", "unsupported-archive", [{ ...file, method: 99 }]],
    ["data before the first member", "broken-archive", [file], { prefix: Buffer.from("x"), countPrefix: true }],
    ["data behind the end", "broken-archive", [file], { suffix: Buffer.from("x") }],
    ["a false count", "broken-archive", [file], { count: 7 }],
  ];
  test.each(cases)("%s", async (_what, rule, entries, options) => {
    expect(await zip(entries, options ?? {})).toBe(rule);
  });

  test("a link is a file with its text, as with pip", async () => {
    const root = await unpack(buildZip([{ name: "demo-1.0/link", content: "/etc/passwd", mode: 0o120777 }]), { filename: "demo-1.0.zip" });
    expect(lstatSync(join(root, "link")).isFile()).toBe(true);
  });
});
