import { expect, test } from "bun:test";
import type { PlatformTarget } from "./platform-tags.ts";
import { parseTargetPlatform, platformMarkers } from "./target-platforms.ts";

test.each<[string, PlatformTarget]>([
  ["linux", { os: "manylinux", major: 2, minor: 28, arch: "x86_64" }],
  ["macos", { os: "macos", major: 13, minor: 0, arch: "arm64" }],
  ["windows", { os: "windows", arch: "x86_64" }],
  ["x86_64-unknown-linux-gnu", { os: "manylinux", major: 2, minor: 28, arch: "x86_64" }],
  ["aarch64-unknown-linux-musl", { os: "musllinux", major: 1, minor: 2, arch: "aarch64" }],
  ["x86_64-manylinux_2_31", { os: "manylinux", major: 2, minor: 31, arch: "x86_64" }],
  ["aarch64-manylinux2014", { os: "manylinux", major: 2, minor: 17, arch: "aarch64" }],
  ["x86_64-musllinux_1_1", { os: "musllinux", major: 1, minor: 1, arch: "x86_64" }],
  ["riscv64-unknown-linux", { os: "manylinux", major: 2, minor: 28, arch: "riscv64" }],
  ["i686-pc-windows-msvc", { os: "windows", arch: "x86" }],
  ["manylinux_2_17_x86_64", { os: "manylinux", major: 2, minor: 17, arch: "x86_64" }],
  ["manylinux1_i686", { os: "manylinux", major: 2, minor: 5, arch: "i686" }],
  ["musllinux_1_2_armv7l", { os: "musllinux", major: 1, minor: 2, arch: "armv7l" }],
  ["macosx_11_0_arm64", { os: "macos", major: 11, minor: 0, arch: "arm64" }],
  ["macosx_10_9_universal2", { os: "macos", major: 10, minor: 9, arch: "universal2" }],
  ["win_amd64", { os: "windows", arch: "x86_64" }],
  ["win32", { os: "windows", arch: "x86" }],
  ["linux_aarch64", { os: "other", tag: "linux_aarch64" }],
  ["wasm32-pyodide2025", { os: "other", tag: "pyodide_2025_0_wasm32" }],
  ["arm64-apple-ios", { os: "other", tag: "ios_13_0_arm64_iphoneos" }],
  ["aarch64-linux-android", { os: "other", tag: "android_24_arm64_v8a" }],
])("%s is a platform", (text, expected) => {
  expect(parseTargetPlatform(text)).toEqual(expected);
});

test.each([
  "",
  "Linux",
  "any",
  "manylinux_2_17",
  "manylinux_2_17_vax",
  "macosx_9_0_arm64",
  "x86_64-manylinux_2",
  "win_amd64\n",
  "linux_x86_64/../x",
  "a".repeat(70_000),
])("%j is refused", (text) => {
  expect(() => parseTargetPlatform(text)).toThrow("is not a platform that pen knows");
});

test("a slip of the finger gets a suggestion", () => {
  let hint: string | undefined;
  try {
    parseTargetPlatform("x86_64-unknown-linux-gnuu");
  } catch (error) {
    hint = (error as { hint?: string }).hint;
  }
  expect(hint).toBe("Did you mean x86_64-unknown-linux-gnu?");
});

test.each([
  ["linux", ["posix", "linux", "Linux", "x86_64"]],
  ["aarch64-unknown-linux-musl", ["posix", "linux", "Linux", "aarch64"]],
  ["macos", ["posix", "darwin", "Darwin", "arm64"]],
  ["x86_64-apple-darwin", ["posix", "darwin", "Darwin", "x86_64"]],
  ["macosx_10_9_intel", ["posix", "darwin", "Darwin", "x86_64"]],
  ["windows", ["nt", "win32", "Windows", "AMD64"]],
  ["win32", ["nt", "win32", "Windows", "x86"]],
  ["win_arm64", ["nt", "win32", "Windows", "ARM64"]],
  ["linux_ppc64le", ["posix", "linux", "Linux", "ppc64le"]],
  ["aarch64-linux-android", ["posix", "android", "Android", "aarch64"]],
  ["x86_64-linux-android", ["posix", "android", "Android", "x86_64"]],
  ["x86_64-apple-ios-simulator", ["posix", "ios", "iOS", "x86_64"]],
  ["wasm32-pyodide2024", ["posix", "emscripten", "Emscripten", "wasm32"]],
  ["freebsd_14_amd64", ["posix", "freebsd14", "FreeBSD", "amd64"]],
])("markers of %s", (text, expected) => {
  const markers = platformMarkers(parseTargetPlatform(text));
  expect([markers.os_name, markers.sys_platform, markers.platform_system, markers.platform_machine]).toEqual(expected);
});
