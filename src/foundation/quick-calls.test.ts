/** The quick calls say what `node:fs` says, and leave to it what is out of the ordinary. They are made in a process of their own: once chosen, they stay. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const onLinux = process.platform === "linux";
const traces =
  onLinux &&
  spawnSync("strace", ["-qq", "-o", "/dev/null", "-e", "trace=statx", "-e", "inject=statx:error=EPERM:when=99", "true"]).status === 0;
let folder = "";

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-quick-")));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the expressions give that `program` makes of the door to the file system, in a child; an error by its code. */
function answers(quick: boolean, program: string): unknown {
  const source = `
    import * as door from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    import { quickCalls } from ${JSON.stringify(join(import.meta.dirname, "quick-calls.ts"))};
    ${quick ? "door.chooseQuickCalls();" : ""}
    const told = (work) => { try { return work() ?? null; } catch (error) { return [error.code, error.message]; } };
    const folder = process.argv[2];
    console.log(JSON.stringify([quickCalls() !== undefined, (${program})(told, door, folder)]));
  `;
  const file = join(folder, `child-${quick}.ts`);
  writeFileSync(file, source);
  const { stdout, stderr } = spawnSync(process.execPath, [file, folder], { encoding: "utf8", cwd: join(import.meta.dirname, "../..") });
  expect(stderr).toBe("");
  const [isQuick, answer] = JSON.parse(stdout) as [boolean, unknown];
  expect(isQuick).toBe(quick);
  return answer;
}

describe.skipIf(!onLinux)("as node:fs", () => {
  test("looks, for all kinds of what can stand somewhere", () => {
    mkdirSync(join(folder, "looks", "inner"), { recursive: true });
    const at = (name: string): string => join(folder, "looks", name);
    writeFileSync(at("file é"), "\ufefftext é 🐍\n");
    writeFileSync(at("empty"), "");
    writeFileSync(at("odd"), Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]));
    writeFileSync(at("large"), "x".repeat(200_000));
    writeFileSync(at("full"), "é".repeat(32_768));
    writeFileSync(at("huge"), Buffer.alloc(2_000_000, "0123456789"));
    chmodSync(at("empty"), 0o640);
    symlinkSync("file é", at("link"));
    symlinkSync("nowhere", at("dangling"));
    symlinkSync("round", at("round"));
    const names = [
      "file é",
      "empty",
      "odd",
      "large",
      "full",
      "huge",
      "link",
      "dangling",
      "round",
      "inner",
      "inner/none",
      "empty/below",
      "none",
      "a\\0b",
      "n".repeat(5000),
    ];
    const program = `(told, door, folder) => ${JSON.stringify(names)}.map((name) => {
      const path = folder + "/looks/" + name.replace("\\\\0", "\\0");
      const looks = ["pathExists", "isFolder", "statusOf", "targetStatusOf", "readText", "readTextIfAny", "readBytes", "readBytesIfAny", "realPath", "mayClone", "readTextUnnoticed", "isExecutableFile", "isWritable", "readLink", "lastTouched"];
      const brief = (answer) => (answer?.length > 100 || answer instanceof Uint8Array ? [answer.length, String(Bun.hash(answer))] : answer);
      const ranges = told(() => {
        const file = door.openFile(path);
        const parts = [[0, 5], [3, 100000], [199990, 20], [5000000, 3], [0, 0]].map(([from, length]) => Buffer.from(file.read(from, length)).toString("latin1"));
        const answer = [file.size, parts, file.changed()];
        file.close();
        return answer;
      });
      return [[7, 65536].map((length) => told(() => brief(door.readStartIfAny(path, length)))), ranges.map?.(brief) ?? ranges, looks.map((look) => told(() => brief(door[look](path))))];
    })`;
    const quick = answers(true, program);
    expect(quick).toEqual(answers(false, program));
    expect(JSON.stringify(quick)).toContain("text é 🐍");
    for (const device of ["/dev/null", "/proc/version", "/", "/proc/self/fd/0", ""]) {
      const look = `(told, door) => ["pathExists", "isFolder", "targetStatusOf"].map((look) => told(() => door[look](${JSON.stringify(device)})))`;
      const steady = (answer: unknown): string => JSON.stringify(answer).replace(/"(?:mtimeMs|inode|device)":[\d.]+/g, "");
      expect(steady(answers(true, look))).toBe(steady(answers(false, look)));
    }
  });

  test("changes, and what refuses them", () => {
    const program = `(told, door, folder) => {
      const root = folder + "/changes";
      const first = [told(() => door.makeFolder(root)), told(() => door.makeFolder(root)), told(() => door.makeFolder(root + "/none/below"))];
      const files = [["new", "text é"], ["new", "again"], ["empty", ""], ["none/file", "x"], ["large", "y".repeat(100000)], ["script", "#!", 0o755]];
      return [first, files.map(([name, text, mode]) => told(() => door.writeNew(root + "/" + name, text, mode))),
        [["new", "link"], ["nowhere", "link"], ["a\\0b", "other"]].map(([target, name]) => told(() => door.symbolicLink(target, root + "/" + name))),
        [["new", "replaced"], ["atomic", "whole"], ["none/file", "x"]].map(([name, text]) => told(() => door.writeAtomic(root + "/" + name, text, { mode: 0o600 }) && "written")), told(() => {
          const file = door.openFile(root + "/script");
          const before = file.changed();
          door.appendText(root + "/script", "more");
          return [before, file.changed(), file.size, Buffer.from(file.read(0, 10)).toString("latin1")];
        })];
    }`;
    const state = (): unknown => {
      const root = join(folder, "changes");
      const { stdout } = spawnSync("ls", ["-A", root], { encoding: "utf8" });
      const kept = [
        stdout,
        readFileSync(join(root, "new"), "utf8"),
        readFileSync(join(root, "large"), "utf8").length,
        readlinkSync(join(root, "link")),
      ];
      const modes = ["new", "script", "atomic", "empty", "."].map((name) => statSync(join(root, name)).mode);
      rmSync(root, { recursive: true });
      return [kept, modes];
    };
    const quick = [answers(true, program), state()];
    const usual = [answers(false, program), state()];
    const steady = (value: unknown): string => JSON.stringify(value).replace(/\.pen-tmp-\d+-[0-9a-f]{12}/g, "TEMPORARY");
    expect(steady(quick)).toBe(steady(usual));
    expect(steady(quick)).toContain('"replaced",100000,"new"');
  });

  test("lists, for all kinds of what can stand in a folder and for many names", () => {
    const root = join(folder, "lists");
    mkdirSync(join(root, "inner"), { recursive: true });
    mkdirSync(join(root, "empty"));
    for (let number = 0; number < 2000; number += 1) writeFileSync(join(root, "inner", `${"n".repeat(number % 200)}${number}é🐍`), "");
    const odd = Buffer.concat([Buffer.from(`${root}/odd `), Buffer.from([0xff, 0xfe])]);
    writeFileSync(odd, "");
    symlinkSync("inner", join(root, "link"));
    symlinkSync("nowhere", join(root, "dangling"));
    expect(spawnSync("mkfifo", [join(root, "pipe")]).status).toBe(0);
    const names = ["", "/inner", "/empty", "/link", "/dangling", "/pipe", "/none", "/pipe/below", "/a\\0b", `/${"n".repeat(300)}`];
    const program = `(told, door, folder) => ${JSON.stringify(names)}.map((name) =>
      told(() => door.listFolder(folder + "/lists" + name.replace("\\\\0", "\\0"))))`;
    const quick = answers(true, program) as unknown[][];
    expect(quick).toEqual(answers(false, program) as unknown[][]);
    expect([quick[0]?.length, quick[1]?.length, quick[2]?.length, quick[3]?.length]).toEqual([6, 2000, 0, 2000]);
    // Two names that are the same once they are texts.
    writeFileSync(Buffer.concat([Buffer.from(`${root}/odd `), Buffer.from([0xfe, 0xff])]), "");
    expect(answers(true, program)).toEqual(answers(false, program));
  });

  test("moves and removes, and what refuses it", () => {
    const program = `(told, door, folder) => {
      const root = folder + "/moves";
      const at = (name) => root + "/" + name.replace("NUL", "\\0");
      const answer = [["a/b/c"], ["a"], ["a/b/c/"], ["e"], ["full/inner"]].map(([name]) => told(() => door.makeFolders(at(name))));
      for (const name of ["file", "other", "full/file"]) door.writeNew(at(name), name);
      door.symbolicLink("nowhere", at("dangling"));
      door.symbolicLink("full", at("link"));
      const tries = [["makeFolders", "file"], ["makeFolders", "file/below"], ["rename", "file", "moved"], ["rename", "none", "moved"], ["rename", "moved", "full"],
        ["rename", "moved", "other"], ["removeFile", "other"], ["removeFile", "other"], ["removeFile", "full"], ["removeFile", "none/below"], ["removeFile", "dangling"],
        ["removeFile", "aNULb"], ["removeEmptyFolder", "e"], ["removeEmptyFolder", "e"], ["removeEmptyFolder", "full"], ["removeEmptyFolder", "full/file"],
        ["removeEmptyFolder", "link"], ["removeTree", "none"], ["removeTree", "full/file/below"], ["removeTree", "link"], ["removeTree", "a"], ["writeDescriptor"]];
      return [answer, tries.map(([verb, ...names]) => told(() => door[verb](...names.map(at)))), door.listFolder(root), door.listFolder(root + "/full")];
    }`.replace(', ["writeDescriptor"]', "");
    const results = [true, false].map((quick) => {
      mkdirSync(join(folder, "moves"));
      const answer = answers(quick, program);
      rmSync(join(folder, "moves"), { recursive: true });
      return answer;
    });
    expect(results[0]).toEqual(results[1]);
    expect(JSON.stringify(results[0])).toContain('"file","kind":"file"');
  });

  test("locks: what is taken, what is no lock, what it says of its holder", () => {
    const program = `(told, door, folder) => {
      const root = folder + "/locks";
      const calls = quickCalls();
      const usual = door.acquireLock;
      door.makeFolders(root + "/folder");
      door.symbolicLink("target", root + "/link");
      return [usual !== undefined, calls.lock(root + "/folder", 6) ?? null, calls.lock(root + "/link", 6) ?? null, calls.lock(root + "/none/lock", 6) ?? null,
        (() => {
          const held = calls.lock(root + "/lock", 6);
          held.note("1234\\n");
          const text = door.readText(root + "/lock");
          const again = calls.lock(root + "/lock", 6);
          held.note("");
          const empty = door.readText(root + "/lock");
          held.close();
          const free = calls.lock(root + "/lock", 5);
          const shared = calls.lock(root + "/lock", 5);
          return [text, again, empty, typeof free.close, typeof shared.close, calls.lock(root + "/lock", 6)];
        })()];
    }`;
    expect(answers(true, program)).toEqual([true, null, null, null, ["1234\n", "taken", "", "function", "function", "taken"]]);
  });

  test("writes to an open descriptor, and leaves it to node:fs where nobody reads", () => {
    const file = join(folder, "writing.ts");
    const source = `
      import * as door from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      door.chooseQuickCalls();
      const told = (work) => { try { return work(); } catch (error) { return error.code; } };
      console.error(told(() => door.writeDescriptor(1, door.bytesOf("téxt\\n"))), told(() => door.writeDescriptor(99, door.bytesOf("text"))));
    `.replaceAll("\\\\", "\\");
    writeFileSync(file, source);
    const run = (command: string) => spawnSync("sh", ["-c", command, process.execPath, file], { encoding: "utf8" });
    expect(run('"$0" "$1"')).toMatchObject({ stdout: "téxt\n", stderr: "6 EBADF\n" });
    expect(run('"$0" "$1" > /dev/full').stderr).toBe("ENOSPC EBADF\n");
  });

  test("what is no terminal", () => {
    const program = "(told, door) => [0, 1, 2, 99].map((descriptor) => told(() => door.isTerminal(descriptor)))";
    expect(answers(true, program)).toEqual([false, false, false, false]);
  });
});

for (const error of ["ENOSYS", "EPERM"])
  test.skipIf(!traces)(
    `where the system answers statx with ${error}, node:fs is asked${traces ? "" : " (needs strace, and the right to trace)"}`,
    () => {
      const file = join(folder, `refused-${error}.ts`);
      const program = `
      import { chooseQuickCalls, pathExists, statusOf } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      import { quickCalls } from ${JSON.stringify(join(import.meta.dirname, "quick-calls.ts"))};
      chooseQuickCalls();
      console.log(quickCalls() === undefined, pathExists("/"), pathExists("/not-there"), statusOf("/")?.kind);
    `;
      writeFileSync(file, program);
      const inject = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=statx", "-e", `inject=statx:error=${error}`];
      const { stdout, stderr } = spawnSync("strace", [...inject, process.execPath, file], { encoding: "utf8" });
      expect([stdout, stderr]).toEqual(["true true false folder\n", ""]);
    },
  );
