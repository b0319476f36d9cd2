import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as files from "./index.ts";
import { fileSystemError, isPenError, PenError } from "./errors.ts";

let base: string;
beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "pen-files-"));
  fs.chmodSync(base, 0o755);
});
afterAll(() => {
  spawnSync("chmod", ["-R", "u+rwx", base]);
  fs.rmSync(base, { recursive: true, force: true });
});

let count = 0;
/** A new empty folder. */
function folder(): string {
  const path = join(base, `case ${(count += 1)}`);
  fs.mkdirSync(path);
  return path;
}

function failureOf(work: () => unknown): PenError {
  try {
    work();
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("writeAtomic", () => {
  test("a reader in another process never sees a mix, and never nothing", async () => {
    const path = join(folder(), "file");
    const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
    files.writeAtomic(path, texts[0]!);
    const reader = spawn(
      process.execPath,
      [
        "-e",
        `
      const fs = require("node:fs");
      let reads = 0, seen = new Set();
      process.stdin.once("data", () => { console.log(JSON.stringify({ reads, seen: [...seen] })); process.exit(); });
      const look = () => { for (let i = 0; i < 20; i++) { const text = fs.readFileSync(${JSON.stringify(path)}, "utf8"); reads++; seen.add(text.length + text[0] + (new Set(text).size)); } setImmediate(look); };
      console.log("ready"); look();
    `,
      ],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    let answer = "";
    await new Promise<void>((resolve) => reader.stdout.on("data", (chunk) => ((answer += String(chunk)), resolve())));
    for (let turn = 0; turn < 120; turn += 1) {
      files.writeAtomic(path, texts[turn % 2]!);
      if (turn % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    reader.stdin.write("stop");
    await new Promise((resolve) => reader.on("close", resolve));
    const { reads, seen } = JSON.parse(answer.trim().split("\n").at(-1)!) as { reads: number; seen: string[] };
    expect(reads).toBeGreaterThan(20);
    expect(seen.sort()).toEqual(["200000a1", "200000b1"]);
    expect(fs.readdirSync(join(path, ".."))).toEqual(["file"]);
  });

  test("failing in the middle leaves the old file and nothing beside it", () => {
    const place = folder();
    const path = join(place, "file");
    files.writeAtomic(path, "old");
    // A limit on the size of files stands for a full disk.
    const script = `import { writeAtomic } from ${JSON.stringify(join(import.meta.dirname, "file-changes.ts"))};
      try { writeAtomic(${JSON.stringify(path)}, "x".repeat(1 << 20)); console.log("written"); } catch (error) { console.log(error.code, error.data.errno); }`;
    const run = spawnSync("sh", ["-c", 'ulimit -f 8; exec "$0" -e "$1"', process.execPath, script], { encoding: "utf8" });
    expect(run.stdout.trim()).toBe("FILE_SYSTEM EFBIG");
    expect(fs.readFileSync(path, "utf8")).toBe("old");
    expect(fs.readdirSync(place)).toEqual(["file"]);
  });

  test("a folder in the place is an error that leaves nothing beside it", () => {
    const place = folder();
    fs.mkdirSync(join(place, "file"));
    expect(failureOf(() => files.writeAtomic(join(place, "file"), "x")).code).toBe("FILE_SYSTEM");
    expect(fs.readdirSync(place)).toEqual(["file"]);
  });

  test("a link is replaced, and what it led to stays", () => {
    const place = folder();
    fs.writeFileSync(join(place, "target"), "target");
    fs.symlinkSync("target", join(place, "link"));
    files.writeAtomic(join(place, "link"), "new", { durable: true });
    expect(fs.readFileSync(join(place, "target"), "utf8")).toBe("target");
    expect(files.statusOf(join(place, "link"))?.kind).toBe("file");
  });

  test("the mode is the one asked for", () => {
    const path = join(folder(), "script");
    files.writeAtomic(path, "x", { mode: 0o755 });
    expect(files.statusOf(path)?.mode).toBe(0o755 & ~process.umask());
  });
});

describe("removeTree", () => {
  test("never follows links", () => {
    const place = folder();
    const outside = join(place, "outside");
    fs.mkdirSync(join(outside, "deep"), { recursive: true });
    fs.writeFileSync(join(outside, "deep", "file"), "kept");
    fs.mkdirSync(join(place, "tree", "inner"), { recursive: true });
    fs.symlinkSync(outside, join(place, "tree", "inner", "link"));
    fs.symlinkSync(join(outside, "deep", "file"), join(place, "tree", "file"));
    fs.symlinkSync("nowhere", join(place, "tree", "dangling"));
    files.removeTree(join(place, "tree"));
    expect(fs.readdirSync(place)).toEqual(["outside"]);
    expect(fs.readFileSync(join(outside, "deep", "file"), "utf8")).toBe("kept");
    fs.symlinkSync(outside, join(place, "link"));
    files.removeTree(join(place, "link"));
    expect(fs.readdirSync(place)).toEqual(["outside"]);
    expect(fs.existsSync(join(outside, "deep", "file"))).toBe(true);
  });

  test("takes read-only folders away, and leaves the mode of what links lead to", () => {
    const place = folder();
    fs.mkdirSync(join(place, "outside"));
    fs.chmodSync(join(place, "outside"), 0o500);
    fs.mkdirSync(join(place, "tree", "a", "b"), { recursive: true });
    fs.writeFileSync(join(place, "tree", "a", "b", "file"), "x", { mode: 0o400 });
    fs.symlinkSync(join(place, "outside"), join(place, "tree", "a", "link"));
    for (const name of ["a/b", "a", "."]) fs.chmodSync(join(place, "tree", name), 0o500);
    fs.chmodSync(place, 0o777);
    // root may remove anything: as another user.
    const script = `import { removeTree } from ${JSON.stringify(join(import.meta.dirname, "file-changes.ts"))};
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }
      try { removeTree(${JSON.stringify(join(place, "tree"))}); } catch (error) { console.log(error.message, error.why); }`;
    if (process.getuid?.() === 0) spawnSync("chown", ["-hR", "65534:65534", join(place, "tree")]);
    const run = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    expect(run.stdout + run.stderr).toBe("");
    expect(fs.readdirSync(place)).toEqual(["outside"]);
    expect(fs.statSync(join(place, "outside")).mode & 0o777).toBe(0o500);
  });

  test("a file, a link, a missing name", () => {
    const place = folder();
    fs.writeFileSync(join(place, "file"), "x");
    files.removeTree(join(place, "file"));
    files.removeTree(join(place, "file"));
    files.removeTree(join(place, "no", "such"));
    expect(fs.readdirSync(place)).toEqual([]);
  });

  test("a thousand folders inside each other", () => {
    const place = folder();
    let path = join(place, "tree");
    for (let depth = 0; depth < 1000; depth += 1) path += "/d";
    fs.mkdirSync(path, { recursive: true });
    files.removeTree(join(place, "tree"));
    expect(fs.readdirSync(place)).toEqual([]);
  });
});

describe("errors of the operating system say what happened, why, and what to do", () => {
  const cases: ReadonlyArray<readonly [errno: string, why: RegExp, hint: RegExp | undefined]> = [
    ["ENOENT", /does not exist/, undefined],
    ["EACCES", /no permission/, /owner and mode/],
    ["EPERM", /not permitted/, undefined],
    ["EROFS", /read-only/, /another place|can be written/],
    ["ENOSPC", /disk is full/, /pen cache size/],
    ["EDQUOT", /quota/, /Free/],
    ["EEXIST", /exists already/, undefined],
    ["ENOTDIR", /not a folder/, undefined],
    ["EISDIR", /is a folder/, undefined],
    ["ENOTEMPTY", /not empty/, undefined],
    ["ELOOP", /circle/, undefined],
    ["ENAMETOOLONG", /too long/, /shorter/],
    ["EMFILE", /Too many files/, undefined],
    ["EIO", /input\/output/, /health/],
    ["EXDEV", /different file systems/, undefined],
    ["EBUSY", /in use/, undefined],
    ["ENOLCK", /no locks/, /local disk/],
    ["ESOMETHING", /operating system refused/, undefined],
  ];
  for (const [errno, why, hint] of cases) {
    test(errno, () => {
      const error = fileSystemError("write", "/a/b", Object.assign(new Error("text of the runtime"), { code: errno }));
      if (!isPenError(error, "FILE_SYSTEM")) throw error;
      expect(error.message).toBe("Could not write /a/b");
      expect(error.why).toMatch(why);
      expect(error.why).toEndWith(`(${errno})`);
      if (hint === undefined) expect(error.hint).toBeUndefined();
      else expect(error.hint).toMatch(hint);
      expect(error.data).toEqual({ path: "/a/b", errno });
      expect(files.errnoOf(error)).toBe(errno);
    });
  }

  test("real ones", () => {
    const place = folder();
    fs.writeFileSync(join(place, "file"), "x");
    fs.symlinkSync("loop", join(place, "loop"));
    const real: ReadonlyArray<readonly [work: () => unknown, errno: string]> = [
      [() => files.readText(join(place, "no")), "ENOENT"],
      [() => files.readText(join(place, "file", "no")), "ENOTDIR"],
      [() => files.readText(place), "EISDIR"],
      [() => files.readText(join(place, "loop")), "ELOOP"],
      [() => files.writeNew(join(place, "file"), ""), "EEXIST"],
      [() => files.writeAtomic(join(place, "x".repeat(300), "y"), ""), "ENAMETOOLONG"],
      [() => files.makeFolders(join(place, "file", "x")), "ENOTDIR"],
      [() => files.openFile(place), "EISDIR"],
      [() => files.removeFile(join(place, "x".repeat(300))), "ENAMETOOLONG"],
      [() => files.copyFile(join(place, "file"), join(place, "file")), "EEXIST"],
      [() => files.readText("/a\0b"), "ERR_INVALID_ARG_VALUE"],
    ];
    for (const [work, errno] of real) expect(failureOf(work).data["errno"]).toBe(errno);
  });

  test("what is no such error passes as it is", () => {
    const own = new PenError("USAGE", "x");
    expect(fileSystemError("read", "/x", own)).toBe(own);
    const other = new TypeError("y");
    expect(fileSystemError("read", "/x", other)).toBe(other);
    expect(isPenError(fileSystemError("read", "/x", "text"), "INTERNAL")).toBe(true);
  });
});

describe("the questions that never throw", () => {
  test("isFolder, isExecutableFile, isWritable, pathExists", () => {
    const place = folder();
    fs.symlinkSync("loop", join(place, "loop"));
    for (const path of [join(place, "loop"), join(place, "x".repeat(300)), join(place, "no", "x"), "/a\0b"])
      for (const ask of [files.isFolder, files.isExecutableFile, files.isWritable, files.pathExists]) expect(ask(path)).toBe(false);
    expect(files.isFolder(place)).toBe(true);
    fs.writeFileSync(join(place, "run"), "", { mode: 0o755 });
    expect(files.isExecutableFile(join(place, "run"))).toBe(true);
    expect(files.isExecutableFile(place)).toBe(false);
  });
});

describe("reading and listing", () => {
  test("what is missing is undefined or empty", () => {
    const place = folder();
    expect(files.readTextIfAny(join(place, "no"))).toBeUndefined();
    expect(files.readBytesIfAny(join(place, "no", "no"))).toBeUndefined();
    expect(files.statusOf(join(place, "no"))).toBeUndefined();
    expect(files.listFolder(join(place, "no"))).toEqual([]);
    expect(files.removeFile(join(place, "no"))).toBe(false);
    expect(files.removeEmptyFolder(join(place, "no"))).toBe(false);
  });

  test("entries come in the order of names, a link as a link", () => {
    const place = folder();
    for (const name of ["b", "a", "é", "B"]) fs.writeFileSync(join(place, name), "");
    fs.mkdirSync(join(place, "c"));
    fs.symlinkSync("c", join(place, "d"));
    expect(files.listFolder(place).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "B file",
      "a file",
      "b file",
      "c folder",
      "d link",
      "é file",
    ]);
    expect(files.statusOf(join(place, "d"))?.kind).toBe("link");
    expect(files.targetStatusOf(join(place, "d"))?.kind).toBe("folder");
  });

  test("ranges end with the file; an open file notices changes", () => {
    const path = join(folder(), "file");
    fs.writeFileSync(path, "0123456789");
    expect(Buffer.from(files.readRange(path, 8, 10)).toString()).toBe("89");
    const open = files.openFile(path);
    expect(Buffer.from(open.read(2, 3)).toString()).toBe("234");
    expect(open.changed()).toBe(false);
    fs.appendFileSync(path, "x");
    expect(open.changed()).toBe(true);
    open.close();
  });

  test("a pipe in the place of a file is refused, not waited for", () => {
    const path = join(folder(), "pipe");
    spawnSync("mkfifo", [path]);
    expect(failureOf(() => files.openFile(path)).code).toBe("FILE_SYSTEM");
  });
});

describe("names of its own", () => {
  test("temporary names are hidden, recognised, and never the same", () => {
    const names = new Set(Array.from({ length: 100 }, () => files.temporaryBeside("/a/b").slice(3)));
    expect(names.size).toBe(100);
    for (const name of names) expect(files.isTemporaryName(name)).toBe(true);
    for (const name of [".pen-tmp-", "pen-tmp-1-0123456789ab", ".pen-tmp-1-0123456789ab.x", "x.pen-tmp-1-0123456789ab"])
      expect(files.isTemporaryName(name)).toBe(false);
    const made = files.makeTemporaryFolder(join(base, "parent", "of it"));
    expect(fs.statSync(made).mode & 0o777).toBe(0o700);
  });

  test("new files and new folders never take another's place, nor go through a link", () => {
    const place = folder();
    fs.symlinkSync("elsewhere", join(place, "link"));
    expect(failureOf(() => files.writeNew(join(place, "link"), "x")).data["errno"]).toBe("EEXIST");
    expect(failureOf(() => files.createFile(join(place, "link"))).data["errno"]).toBe("EEXIST");
    expect(fs.existsSync(join(place, "elsewhere"))).toBe(false);
    expect(files.makeFolder(join(place, "new"))).toBe(true);
    expect(files.makeFolder(join(place, "new"))).toBe(false);
  });
});
