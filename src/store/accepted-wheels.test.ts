import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, silent } from "#foundation";
import { parseRecord } from "#standards";
import { type BuiltWheel, type WheelOptions, buildWheel, extraField, unicodePath } from "../../tests/support/wheels.ts";
import { openStore } from "./store.ts";
import type { StoredWheel } from "./types.ts";
import { validateWheel } from "./validation.ts";

const base: WheelOptions = {
  name: "good",
  version: "1.0",
  files: { "good/__init__.py": "x = 1\n", "good/data.txt": "data ".repeat(1000), "good/empty.py": "" },
};
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`good/d${at % 100}/f${at}.py`, `x = ${at}\n`]));
const each =
  (change: (entry: { name: string | Uint8Array }) => object): NonNullable<WheelOptions["members"]> =>
  (all) =>
    all.map((entry) => ({ ...entry, ...change(entry) }));

const controls: ReadonlyArray<readonly [name: string, make: () => BuiltWheel]> = [
  ["a plain wheel", () => buildWheel(base)],
  ["12,000 files", () => buildWheel({ ...base, files: many(12_000) })],
  [
    "65,536 members and more",
    () => buildWheel({ ...base, files: many(66_000), members: each(() => ({ method: 0 })), zip: { zip64: true } }),
  ],
  ["zip64 in every member", () => buildWheel({ ...base, members: each(() => ({ zip64: true })), zip: { zip64: true } })],
  ["zip64 end record that repeats what fits", () => buildWheel({ ...base, zip: { zip64: { keep32: true } } })],
  ["data descriptors of a streaming writer", () => buildWheel({ ...base, members: each(() => ({ dataDescriptor: true })) })],
  ["data descriptors without signature", () => buildWheel({ ...base, members: each(() => ({ dataDescriptor: { signature: false } })) })],
  ["wide data descriptors", () => buildWheel({ ...base, members: each(() => ({ dataDescriptor: true, zip64: true })) })],
  ["stored members", () => buildWheel({ ...base, members: each(() => ({ method: 0 })) })],
  [
    "folders of their own",
    () => buildWheel({ ...base, members: (all) => [{ name: "good/", mode: 0o40755 }, { name: "good/sub/", mode: 0o40755 }, ...all] }),
  ],
  ["a directory in another order", () => buildWheel({ ...base, members: (all) => [...all].reverse() })],
  ["a comment", () => buildWheel({ ...base, zip: { comment: "made by tests" } })],
  [
    "comments and extra fields of members",
    () => buildWheel({ ...base, members: each(() => ({ comment: "c", extra: extraField(0x5455, new Uint8Array([1, 0, 0, 0, 0])) })) }),
  ],
  [
    "a Unicode path that agrees",
    () => buildWheel({ ...base, members: each(({ name }) => ({ extra: unicodePath(String(name), String(name)) })) }),
  ],
  ["names in UTF-8", () => buildWheel({ ...base, files: { "good/größe.txt": "ä", "good/数据.txt": "数" } })],
  ["names with commas, quotes and blanks", () => buildWheel({ ...base, files: { 'good/a, "b" c.txt': "x" } })],
  [
    "modes that mean nothing in a wheel",
    () =>
      buildWheel({ ...base, members: (all) => all.map((entry, at) => ({ ...entry, mode: [0o120777, 0o10644, 0o104755, 0][at % 4]! })) }),
  ],
];

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "pen-accepted-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function stored(wheel: BuiltWheel, name: string): Promise<StoredWheel> {
  const path = join(scratch, `${name}.whl`);
  writeFileSync(path, wheel.bytes);
  return openStore({ host: readHost(), cacheFolder: join(scratch, `${name}-cache`), emit: silent }).add({ path, filename: wheel.filename });
}

const python = ["python3", "python"].find((name) => spawnSync(name, ["-c", "import zipfile"]).status === 0);
const reader = `
import base64, hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps({i.filename: base64.urlsafe_b64encode(hashlib.sha256(archive.read(i)).digest()).decode().rstrip("=") for i in archive.infolist() if not i.is_dir()}))
`;

describe("accepted", () => {
  for (const [name, make] of controls) {
    test(
      name,
      async () => {
        const wheel = make();
        const validated = await validateWheel(wheel.bytes, wheel.filename);
        expect(validated.files.length).toBeGreaterThan(0);
      },
      30_000,
    );
  }

  const oracle = python === undefined ? test.skip : test;
  oracle(
    python === undefined ? "Python's zipfile reads the same (skipped: no python3)" : "Python's zipfile reads the same",
    async () => {
      for (const [at, [name, make]] of controls.entries()) {
        const wheel = make();
        const path = join(scratch, `oracle-${at}.whl`);
        writeFileSync(path, wheel.bytes);
        const result = spawnSync(python!, ["-I", "-c", reader, path], { encoding: "utf8", maxBuffer: 2 ** 28 });
        expect({ name, error: result.stderr }).toEqual({ name, error: "" });
        const validated = await validateWheel(path, wheel.filename);
        const ours = Object.fromEntries(validated.files.map(({ placed, hash }) => [placed.member.name, hash]));
        expect(ours).toEqual(JSON.parse(result.stdout) as Record<string, string>);
      }
    },
    60_000,
  );
});

describe("unpacked", () => {
  test("symlink_file, fifo_member, setuid_member become plain files", async () => {
    const modes: Record<string, number> = { "good/link": 0o120777, "good/pipe": 0o10644, "good/root": 0o104755, "good/run": 0o100755 };
    const { folder } = await stored(
      buildWheel({
        ...base,
        files: Object.fromEntries(Object.keys(modes).map((path) => [path, "/etc/passwd"])),
        members: (all) => all.map((entry) => ({ ...entry, mode: modes[String(entry.name)] ?? 0o100644 })),
      }),
      "modes",
    );
    for (const [path, mode] of Object.entries(modes)) {
      const status = statSync(join(folder, "tree", path));
      expect(status.isFile()).toBe(true);
      expect(readFileSync(join(folder, "tree", path), "utf8")).toBe("/etc/passwd");
      expect(status.mode & 0o7777).toBe(mode === 0o100755 || mode === 0o104755 ? 0o555 : 0o444);
    }
  });

  test("di_fake_direct_url and other files of installers are stripped", async () => {
    const info = "good-1.0.dist-info";
    const fakes = ["direct_url.json", "INSTALLER", "REQUESTED", "RECORD.jws"].map((name) => `${info}/${name}`);
    const { folder, manifest } = await stored(
      buildWheel({ ...base, files: { "good.py": "", ...Object.fromEntries(fakes.map((path) => [path, "fake"])) } }),
      "fakes",
    );
    expect(readdirSync(join(folder, "tree", info)).sort()).toEqual(["INSTALLER", "METADATA", "WHEEL"]);
    expect(readFileSync(join(folder, "tree", info, "INSTALLER"), "utf8")).toBe("pen\n");
    expect(manifest.files.filter(({ path }) => fakes.includes(path)).map(({ path }) => path)).toEqual([`${info}/INSTALLER`]);
  });

  test("rec_trav_delete, rec_abs_delete, rec_other_dist: lines of RECORD about other files are dropped", async () => {
    const wheel = buildWheel({ ...base, record: (lines) => `${lines}../../../outside,,\n/etc/passwd,,\nother/__init__.py,,\n` });
    const { folder, manifest } = await stored(wheel, "records");
    const record = readFileSync(join(folder, manifest.record), "utf8");
    expect(record).not.toMatch(/outside|passwd|other/);
  });

  test("pth_exec, sitecustomize: nothing of a wheel is run", async () => {
    const marker = join(scratch, "ran");
    const code = `import os; open(${JSON.stringify(marker)}, "w")`;
    await stored(buildWheel({ ...base, files: { "evil.pth": `${code}\n`, "sitecustomize.py": code } }), "pth");
    expect(existsSync(marker)).toBe(false);
  });

  test("all schemes have their place, and RECORD lists every file with its hash", async () => {
    const wheel = buildWheel({
      ...base,
      entryPoints: {
        console_scripts: { tool: "good:main", both: "good:main" },
        gui_scripts: { window: "good.gui:main" },
        "other.group": { x: "y" },
      },
      dataFiles: {
        "scripts/run": "#!python\nprint(1)\n",
        "scripts/shell": "#!/bin/sh\n",
        "scripts/both": "dropped",
        "data/share/x.txt": "x",
        "headers/good.h": "h",
        "purelib/extra.py": "",
        "platlib/more/y.py": "",
      },
    });
    const { folder, manifest } = await stored(wheel, "schemes");
    const sources = manifest.files.map(({ source }) => source);
    for (const source of [
      "tree/good/__init__.py",
      "tree/extra.py",
      "tree/more/y.py",
      "scripts/run",
      "scripts/tool",
      "scripts/both",
      "scripts/window",
      "data/share/x.txt",
      "headers/good.h",
      "RECORD",
    ])
      expect(sources).toContain(source);
    for (const file of manifest.files) {
      const bytes = readFileSync(join(folder, file.source));
      expect([file.source, bytes.length, createHash("sha256").update(bytes).digest("base64url")]).toEqual([
        file.source,
        file.size,
        file.hash,
      ]);
      expect(statSync(join(folder, file.source)).mode & 0o777).toBe(file.executable ? 0o555 : 0o444);
      expect(file.executable).toBe(file.scheme === "scripts");
    }
    expect(readFileSync(join(folder, "scripts/both"), "utf8")).toContain("from good import main");
    expect(readFileSync(join(folder, "scripts/run"), "utf8")).not.toStartWith("#!python");
    expect(readFileSync(join(folder, "scripts/shell"), "utf8")).toBe("#!/bin/sh\n");
    const record = parseRecord(readFileSync(join(folder, manifest.record), "utf8"));
    const listed = manifest.files
      .filter(({ scheme }) => scheme !== "headers")
      .map(({ scheme, path }) => (scheme === "lib" ? path : scheme === "scripts" ? `../../../bin/${path}` : `../../../${path}`));
    expect(record.map(({ path }) => path).sort()).toEqual(listed.sort());
    expect(manifest.topLevel.map(({ source, kind }) => [source, kind])).toEqual([
      ["tree/extra.py", "file"],
      ["tree/good-1.0.dist-info", "folder"],
      ["tree/good", "folder"],
      ["tree/more", "folder"],
      ["scripts/both", "file"],
      ["scripts/run", "file"],
      ["scripts/shell", "file"],
      ["scripts/tool", "file"],
      ["scripts/window", "file"],
      ["data/share", "folder"],
      ["headers/good.h", "file"],
    ]);
    expect(manifest.folders).toEqual(["good", "good-1.0.dist-info", "more"]);
    expect(manifest.scripts.map(({ name }) => name).sort()).toEqual(["both", "tool", "window"]);
  });

  test("a large file goes through in pieces", async () => {
    const large = Buffer.alloc(20 * 2 ** 20);
    for (let at = 0; at < large.length; at += 4096) large.writeUInt32LE((at * 2654435761) >>> 0, at);
    for (const method of [0, 8]) {
      const wheel = buildWheel({ ...base, files: { "good/large.bin": large }, members: each(() => ({ method })) });
      const { folder } = await stored(wheel, `large-${method}`);
      expect(readFileSync(join(folder, "tree/good/large.bin")).equals(large)).toBe(true);
    }
  });
});
