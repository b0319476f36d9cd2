/** Which libraries of a system a bundle carries, and where they are found. */
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readLinkage } from "#python";
import { SystemLibraries } from "./system-libraries.ts";

const machine = process.arch === "arm64" ? "aarch64" : "x86_64";

describe.skipIf(process.platform !== "linux")("libraries of the system (needs Linux)", () => {
  const libraries = new SystemLibraries(machine);
  test("those of the C library, the compiler and the screen stay, whether they are here or not", () => {
    const names =
      "libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libutil.so.1 libnsl.so.1 libnss_dns.so.2 libmvec.so.1";
    const others =
      "ld-linux-x86-64.so.2 libc.musl-x86_64.so.1 libgcc_s.so.1 libstdc++.so.6 libX11.so.6 libxcb-shm.so.0 libGL.so.1 libtcl8.6.so libtk8.6.so";
    for (const name of [...names.split(" "), ...others.split(" ")]) expect([name, libraries.find(name)]).toEqual([name, undefined]);
  });
  test("no path, and nothing that is not here", () => {
    for (const name of ["../lib/libz.so.1", "/etc/passwd", "libno-such-thing.so.9", ""]) expect(libraries.find(name)).toBeUndefined();
  });
  test("what the programs of this machine are linked to beyond that is found, as a library", () => {
    const programs = readdirSync("/usr/bin").slice(0, 200);
    const needed = new Set(programs.flatMap((name) => readLinkage(join("/usr/bin", name))?.needed ?? []));
    const found = [...needed].flatMap((name) => libraries.find(name) ?? []);
    expect(found.length).toBeGreaterThan(0);
    for (const path of found) expect([path, readLinkage(path) === undefined]).toEqual([path, false]);
    expect(found.some((path) => /\/lib(?:c|m|gcc_s)\.so/.test(path))).toBe(false);
  });
});
