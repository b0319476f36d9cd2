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
    chmodSync(at("empty"), 0o640);
    symlinkSync("file é", at("link"));
    symlinkSync("nowhere", at("dangling"));
    symlinkSync("round", at("round"));
    const names = [
      "file é",
      "empty",
      "odd",
      "large",
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
      return ["pathExists", "isFolder", "statusOf", "targetStatusOf", "readText", "readTextIfAny", "realPath"].map((look) => told(() => door[look](path)));
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
        [["new", "replaced"], ["atomic", "whole"], ["none/file", "x"]].map(([name, text]) => told(() => door.writeAtomic(root + "/" + name, text, { mode: 0o600 }) && "written"))];
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

  test("what is no terminal", () => {
    const program = "(told, door) => [0, 1, 2, 99].map((descriptor) => told(() => door.isTerminal(descriptor)))";
    expect(answers(true, program)).toEqual([false, false, false, false]);
  });
});
