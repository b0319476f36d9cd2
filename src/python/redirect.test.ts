import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { projectEnvironment, projectRedirectOrFolder } from "./project-environment.ts";
import { followRedirect, parseRedirect } from "./redirect.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the text of a file .venv", () => {
  const cases: ReadonlyArray<readonly [text: string, path: string | undefined]> = [
    ["env", "env"],
    ["env\n", "env"],
    ["env\r\n", "env"],
    ["/a/b c", "/a/b c"],
    [" env", " env"],
    ["é$(x)`y`", "é$(x)`y`"],
    ["", undefined],
    ["\n", undefined],
    ["  ", undefined],
    ["a\nb", undefined],
    ["a\n\n", undefined],
    ["a\rb", undefined],
    ["a\0b", undefined],
    ["\u001b[31ma", undefined],
    ["a\u2028b", undefined],
    ["a".repeat(4097), undefined],
  ];
  for (const [text, path] of cases) test(JSON.stringify(text.slice(0, 20)), () => expect(parseRedirect(bytes(text))).toBe(path as string));
  test("bytes that are no UTF-8", () => expect(parseRedirect(new Uint8Array([0x65, 0xff]))).toBeUndefined());
});

describe("where it leads", () => {
  let folder: string;
  let host: Host;
  const write = (text: string): string => {
    writeFileSync(join(folder, "project", ".venv"), text);
    return join(folder, "project", ".venv");
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pen-redirect-"));
    for (const name of ["project/sub", "envs/one", "plain", "shared/theirs"]) mkdirSync(join(folder, name), { recursive: true });
    for (const name of ["envs/one", "shared/theirs"]) writeFileSync(join(folder, name, "pyvenv.cfg"), "home = /usr/bin\n");
    host = readHost({ cwd: join(folder, "project", "sub"), home: folder, env: {}, platform: "linux" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("a relative path starts at the file, an absolute one anywhere", () => {
    const root = join(folder, "envs", "one");
    for (const text of ["../envs/one", `${root}\n`, "../envs/one/"]) {
      expect(followRedirect(write(text), host)).toEqual({ kind: "environment", root });
      expect(projectEnvironment(host)).toBe(root);
    }
  });

  test("security: what is no environment is not taken, and neither is one further up", () => {
    mkdirSync(join(folder, ".venv"));
    writeFileSync(join(folder, ".venv", "pyvenv.cfg"), "home = /usr/bin\n");
    for (const text of ["gone", "../plain", "", "x\ny", "../envs/one/pyvenv.cfg", "/dev/zero"]) {
      expect(followRedirect(write(text), host)?.kind).toBe("refused");
      expect(projectEnvironment(host)).toBeUndefined();
      expect(projectRedirectOrFolder(host)).toMatchObject({ file: join(folder, "project", ".venv") });
    }
    rmSync(join(folder, "project", ".venv"));
    expect(projectEnvironment(host)).toBe(join(folder, ".venv"));
  });

  test("security: one that a stranger put into a folder that everybody may write to is not taken", () => {
    const file = write("../shared/theirs");
    const stranger = { ...host, uid: host.uid + 1000 };
    // Only root can give a folder away; anybody else looks at an own one as another user would.
    if (host.uid === 0) chownSync(join(folder, "shared", "theirs"), 12_345, 12_345);
    const looker = host.uid === 0 ? host : stranger;
    chmodSync(join(folder, "shared"), 0o1777);
    expect(followRedirect(file, looker)?.kind).toBe("refused");
    expect(followRedirect(file, { ...host, uid: host.uid === 0 ? 12_345 : host.uid })?.kind).toBe("environment");
    chmodSync(join(folder, "shared"), 0o755);
    expect(followRedirect(file, looker)?.kind).toBe("environment");
  });

  test("security: a pipe is not read, and a link to a file is no redirect", () => {
    const pipe = join(folder, "pipe");
    spawnSync("mkfifo", [pipe]);
    expect(followRedirect(pipe, host)).toBeUndefined();
    symlinkSync(write("../envs/one"), join(folder, "link"));
    expect(followRedirect(join(folder, "link"), host)).toBeUndefined();
    expect(followRedirect(join(folder, "none"), host)).toBeUndefined();
  });
});
