import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programOnPath } from "../../tests/support/interpreters.ts";
import { readLinkage, withRunpath } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "pen-elf-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const compiler = programOnPath("cc");
const isLinux = process.platform === "linux";

describe.skipIf(compiler === undefined || !isLinux)("programs of a C compiler (needs Linux and cc)", () => {
  const place = (name: string): string => join(base, name);
  const build = (words: readonly string[], source: string): void => {
    writeFileSync(place("source.c"), source);
    const { status, stderr } = spawnSync(compiler ?? "", [place("source.c"), ...words], { encoding: "utf8", cwd: base });
    expect([status, stderr]).toEqual([0, ""]);
  };
  for (const [name, extra] of [
    ["with a fixed folder", ["-Wl,-rpath,/fixed/place/lib", "-Wl,--enable-new-dtags"]],
    ["with an old fixed folder (DT_RPATH)", ["-Wl,-rpath,/fixed/place/lib", "-Wl,--disable-new-dtags"]],
    ["with none", []],
    ["at a fixed address", ["-no-pie"]],
  ] as const) {
    test(`a program ${name} finds its library beside itself afterwards, wherever it stands`, () => {
      rmSync(place("app"), { recursive: true, force: true });
      for (const folder of ["app/bin", "app/lib"]) mkdirSync(place(folder), { recursive: true });
      build(["-shared", "-fPIC", "-o", "app/lib/libword.so.1", "-Wl,-soname,libword.so.1"], "int word(void) { return 7; }\n");
      build(
        ["-o", "app/bin/say", ...extra, "app/lib/libword.so.1"],
        'int word(void);\n#include <stdio.h>\nint main(void) { printf("%d\\n", word()); }\n',
      );
      const path = place("app/bin/say");
      const before = readLinkage(path);
      expect(before?.needed).toContain("libword.so.1");
      expect(before?.searched).toEqual(extra.some((word) => word.includes("fixed/place")) ? ["/fixed/place/lib"] : []);
      expect(before?.glibc?.[0]).toBe(2);
      expect(readLinkage(place("app/lib/libword.so.1"))?.soname).toBe("libword.so.1");
      expect(spawnSync(path).status).not.toBe(0);
      writeFileSync(path, withRunpath(readFileSync(path), "$ORIGIN/../lib") ?? "");
      expect(readLinkage(path)).toEqual({ ...before, searched: ["$ORIGIN/../lib"], isClosed: true } as never);
      expect(spawnSync(path, { encoding: "utf8", env: {} }).stdout).toBe("7\n");
      // Once more over what was patched.
      const again = withRunpath(readFileSync(path), "$ORIGIN/../lib:$ORIGIN/other");
      if (again !== undefined) {
        writeFileSync(path, again);
        expect(spawnSync(path, { encoding: "utf8", env: {} }).stdout).toBe("7\n");
      }
    });
  }
  test("with an inherited list, what the program loads looks there too, but for a library with a closed list of its own", () => {
    rmSync(place("app"), { recursive: true, force: true });
    for (const folder of ["app/bin", "app/lib", "app/plugins"]) mkdirSync(place(folder), { recursive: true });
    build(["-shared", "-fPIC", "-o", "app/lib/libdeep.so.1", "-Wl,-soname,libdeep.so.1"], "int deep(void) { return 8; }\n");
    const plugin = "int deep(void);\nint plug(void) { return deep(); }\n";
    build(["-shared", "-fPIC", "-o", "app/plugins/open.so", "app/lib/libdeep.so.1"], plugin);
    build(
      ["-shared", "-fPIC", "-o", "app/plugins/closed.so", "app/lib/libdeep.so.1", "-Wl,-rpath,/none", "-Wl,--enable-new-dtags"],
      plugin,
    );
    build(
      ["-o", "app/bin/load", "-Wl,-rpath,/fixed", "-Wl,--enable-new-dtags", "-ldl"],
      '#include <dlfcn.h>\n#include <stdio.h>\nint main(int n, char **words) { void *found = dlopen(words[1], RTLD_NOW); if (!found) return 3; int (*plug)(void) = (int (*)(void)) dlsym(found, "plug"); printf("%d\\n", plug()); }\n',
    );
    const path = place("app/bin/load");
    const loads = (name: string): string | number | null => {
      const ran = spawnSync(path, [place(`app/plugins/${name}.so`)], { encoding: "utf8", env: {} });
      return ran.stdout || ran.status;
    };
    const whole = readFileSync(path);
    const results = [false, true].map((inherited) => {
      writeFileSync(path, withRunpath(whole, "$ORIGIN/../lib", inherited) ?? "");
      return [readLinkage(path)?.isClosed, loads("open"), loads("closed")];
    });
    expect(results).toEqual([
      [true, 3, 3],
      [false, "8\n", 3],
    ]);
  });
  test("a damaged file is no ELF file: cut off anywhere, every byte of its head changed", () => {
    build(["-o", "whole"], "int main(void) { return 0; }\n");
    const whole = readFileSync(place("whole"));
    const path = place("damaged");
    const look = (bytes: Uint8Array): void => {
      writeFileSync(path, bytes);
      readLinkage(path);
      withRunpath(bytes, "$ORIGIN");
    };
    const start = processorTime();
    for (let length = 0; length < 2048; length += 61) look(whole.subarray(0, length));
    for (let at = 0; at < 1024; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] = 0xff;
      look(damaged);
    }
    expect(processorTime() - start).toBeLessThan(20_000);
  });
});

test("what is no ELF file has no linkage", () => {
  for (const [name, content] of [
    ["empty", ""],
    ["text", "#!/bin/sh\n".repeat(100)],
    ["32-bit", Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(100)])],
  ] as const) {
    const path = join(base, name);
    writeFileSync(path, content);
    expect([name, readLinkage(path), withRunpath(readFileSync(path), "$ORIGIN")]).toEqual([name, undefined, undefined]);
  }
  expect(readLinkage(join(base, "missing"))).toBeUndefined();
  expect(readLinkage(base)).toBeUndefined();
  if (existsSync("/bin/sh") && isLinux) {
    copyFileSync("/bin/sh", join(base, "sh"));
    chmodSync(join(base, "sh"), 0o755);
    expect(readLinkage(join(base, "sh"))?.needed.length).toBeGreaterThan(0);
  }
});
