import { PenError, closest, excerpt } from "#foundation";
import type { PlatformTarget } from "./platform-tags.ts";

/** The values of the platform markers of PEP 508 that follow from a platform alone. */
export interface PlatformMarkers {
  readonly os_name: string;
  readonly sys_platform: string;
  readonly platform_system: string;
  readonly platform_machine: string;
}

// What a target without a version stands for: the oldest system that is still commonly served.
const defaultGlibc = { major: 2, minor: 28 };
const defaultMusl = { major: 1, minor: 2 };
const defaultMacos = { major: 13, minor: 0 };

const manylinux = (arch: string): PlatformTarget => ({ os: "manylinux", ...defaultGlibc, arch });
const musllinux = (arch: string): PlatformTarget => ({ os: "musllinux", ...defaultMusl, arch });
const macos = (arch: string): PlatformTarget => ({ os: "macos", ...defaultMacos, arch });
const windows = (arch: string): PlatformTarget => ({ os: "windows", arch });
const other = (tag: string): PlatformTarget => ({ os: "other", tag });

/** Made on first use: few commands name a platform. */
let named: ReadonlyMap<string, PlatformTarget> | undefined;
const namedTargets = (): ReadonlyMap<string, PlatformTarget> => (named ??= nameTargets());

function nameTargets(): ReadonlyMap<string, PlatformTarget> {
  return new Map([
    ["linux", manylinux("x86_64")],
    ["macos", macos("arm64")],
    ["windows", windows("x86_64")],
    ["x86_64-pc-windows-msvc", windows("x86_64")],
    ["i686-pc-windows-msvc", windows("x86")],
    ["aarch64-pc-windows-msvc", windows("arm64")],
    ["arm64-pc-windows-msvc", windows("arm64")],
    ["x86_64-apple-darwin", macos("x86_64")],
    ["aarch64-apple-darwin", macos("arm64")],
    ["arm64-apple-darwin", macos("arm64")],
    ["x86_64-unknown-linux-gnu", manylinux("x86_64")],
    ["aarch64-unknown-linux-gnu", manylinux("aarch64")],
    ["i686-unknown-linux-gnu", manylinux("i686")],
    ["armv7-unknown-linux-gnueabihf", manylinux("armv7l")],
    ["powerpc64le-unknown-linux-gnu", manylinux("ppc64le")],
    ["s390x-unknown-linux-gnu", manylinux("s390x")],
    ["riscv64gc-unknown-linux-gnu", manylinux("riscv64")],
    ["riscv64-unknown-linux-gnu", manylinux("riscv64")],
    ["riscv64-unknown-linux", manylinux("riscv64")],
    ["loongarch64-unknown-linux-gnu", manylinux("loongarch64")],
    ["x86_64-unknown-linux-musl", musllinux("x86_64")],
    ["aarch64-unknown-linux-musl", musllinux("aarch64")],
    ["i686-unknown-linux-musl", musllinux("i686")],
    ["armv7-unknown-linux-musleabihf", musllinux("armv7l")],
    ["powerpc64le-unknown-linux-musl", musllinux("ppc64le")],
    ["s390x-unknown-linux-musl", musllinux("s390x")],
    ["riscv64gc-unknown-linux-musl", musllinux("riscv64")],
    ["aarch64-linux-android", other("android_24_arm64_v8a")],
    ["x86_64-linux-android", other("android_24_x86_64")],
    ["arm64-apple-ios", other("ios_13_0_arm64_iphoneos")],
    ["arm64-apple-ios-simulator", other("ios_13_0_arm64_iphonesimulator")],
    ["x86_64-apple-ios-simulator", other("ios_13_0_x86_64_iphonesimulator")],
    ["wasm32-pyodide2024", other("pyodide_2024_0_wasm32")],
    ["wasm32-pyodide2025", other("pyodide_2025_0_wasm32")],
    ["win_amd64", windows("x86_64")],
    ["win32", windows("x86")],
    ["win_arm64", windows("arm64")],
  ]);
}

const linuxArchs = "x86_64|i686|aarch64|armv7l|armv8l|armv6l|ppc64le|ppc64|s390x|riscv64|loongarch64";
/** Compiled on first use: few commands name a platform. */
let compiled: ReturnType<typeof compilePatterns> | undefined;
const patterns = (): ReturnType<typeof compilePatterns> => (compiled ??= compilePatterns());

function compilePatterns(): Readonly<Record<"wheelTag" | "legacyTag" | "triple" | "legacyTriple" | "plainTag" | "knownLinuxArch", RegExp>> {
  return {
    wheelTag: new RegExp(`^(manylinux|musllinux|macosx)_(\\d{1,3})_(\\d{1,3})_(\\w{1,32})$`),
    legacyTag: new RegExp(`^manylinux(1|2010|2014)_(${linuxArchs})$`),
    triple: new RegExp(`^(${linuxArchs})-(manylinux|musllinux)_(\\d{1,3})_(\\d{1,3})$`),
    legacyTriple: new RegExp(`^(${linuxArchs})-manylinux(1|2010|2014)$`),
    // Platforms without a rule of their own: the tag is taken as it is.
    plainTag: new RegExp(
      `^(?:linux_(?:${linuxArchs})|(?:ios|android|pyodide|pyemscripten|emscripten|freebsd|netbsd|openbsd|solaris|aix|cygwin)_\\w{1,64})$`,
    ),
    knownLinuxArch: new RegExp(`^(?:${linuxArchs})$`),
  };
}

const legacyMinor: ReadonlyMap<string, number> = new Map([
  ["1", 5],
  ["2010", 12],
  ["2014", 17],
]);

/**
 * Reads the name of a platform to resolve for: `linux`, `macos`, `windows`, a target triple (`aarch64-apple-darwin`,
 * `x86_64-unknown-linux-musl`, `x86_64-manylinux_2_28`), or a platform tag of wheels (`manylinux2014_x86_64`,
 * `macosx_11_0_arm64`, `win_amd64`). Names without a version stand for glibc 2.28, musl 1.2, macOS 13.0.
 * Throws TARGET_UNSUPPORTED for anything else.
 */
export function parseTargetPlatform(text: string): PlatformTarget {
  const found = text.length <= 128 ? (namedTargets().get(text) ?? patternTarget(text)) : undefined;
  if (found !== undefined) return found;
  const guess = text.length <= 128 ? closest(text, namedTargets().keys()) : undefined;
  throw new PenError("TARGET_UNSUPPORTED", `${excerpt(text)} is not a platform that pen knows`, {
    why: "A platform is linux, macos or windows, a target triple, or the platform tag of a wheel.",
    hint: guess === undefined ? "For example: x86_64-manylinux_2_28, aarch64-apple-darwin or win_amd64." : `Did you mean ${guess}?`,
  });
}

function patternTarget(text: string): PlatformTarget | undefined {
  const wheel = patterns().wheelTag.exec(text);
  if (wheel !== null) return versionedTarget(wheel[1] ?? "", [Number(wheel[2]), Number(wheel[3])], wheel[4] ?? "");
  const versioned = patterns().triple.exec(text);
  if (versioned !== null) return versionedTarget(versioned[2] ?? "", [Number(versioned[3]), Number(versioned[4])], versioned[1] ?? "");
  const legacy = patterns().legacyTag.exec(text);
  if (legacy !== null) return versionedTarget("manylinux", [2, legacyMinor.get(legacy[1] ?? "") ?? 17], legacy[2] ?? "");
  const old = patterns().legacyTriple.exec(text);
  if (old !== null) return versionedTarget("manylinux", [2, legacyMinor.get(old[2] ?? "") ?? 17], old[1] ?? "");
  return patterns().plainTag.test(text) ? other(text) : undefined;
}

const knownMacArch = /^(?:x86_64|arm64|universal2|universal|intel|i386|fat|fat3|fat64|ppc|ppc64)$/;

function versionedTarget(family: string, [major, minor]: readonly [number, number], arch: string): PlatformTarget | undefined {
  if (family === "macosx") return knownMacArch.test(arch) && major >= 10 ? { os: "macos", major, minor, arch } : undefined;
  if (!patterns().knownLinuxArch.test(arch)) return undefined;
  return family === "manylinux" ? { os: "manylinux", major, minor, arch } : { os: "musllinux", major, minor, arch };
}

/** What `os.name`, `sys.platform`, `platform.system()` and `platform.machine()` say on the platform. PEP 508. */
export function platformMarkers(target: PlatformTarget): PlatformMarkers {
  switch (target.os) {
    case "manylinux":
    case "musllinux":
      return posix("linux", "Linux", target.arch);
    case "macos":
      return posix("darwin", "Darwin", macMachine(target.arch));
    case "windows":
      return { os_name: "nt", sys_platform: "win32", platform_system: "Windows", platform_machine: windowsMachine(target.arch) };
    case "other":
      return otherMarkers(target.tag);
  }
}

function posix(platform: string, system: string, machine: string): PlatformMarkers {
  return { os_name: "posix", sys_platform: platform, platform_system: system, platform_machine: machine };
}

/** Files for several processors run on what such a system has: fat ones of today on Arm, older ones on Intel. */
function macMachine(arch: string): string {
  if (arch === "aarch64" || arch === "universal2") return "arm64";
  return /^(?:universal|intel|fat|fat3|fat64)$/.test(arch) ? "x86_64" : arch;
}

function windowsMachine(arch: string): string {
  if (arch === "x86_64" || arch === "amd64") return "AMD64";
  return arch === "arm64" || arch === "aarch64" ? "ARM64" : "x86";
}

const otherSystems: readonly (readonly [prefix: string, platform: string, system: string])[] = [
  ["linux_", "linux", "Linux"],
  ["android_", "android", "Android"],
  ["ios_", "ios", "iOS"],
  ["pyodide_", "emscripten", "Emscripten"],
  ["pyemscripten_", "emscripten", "Emscripten"],
  ["emscripten_", "emscripten", "Emscripten"],
  ["netbsd_", "netbsd", "NetBSD"],
  ["openbsd_", "openbsd", "OpenBSD"],
  ["solaris_", "sunos5", "SunOS"],
  ["aix_", "aix", "AIX"],
  ["cygwin_", "cygwin", "CYGWIN_NT"],
];

function otherMarkers(tag: string): PlatformMarkers {
  const freebsd = /^freebsd_(\d+)/.exec(tag);
  if (freebsd !== null) return posix(`freebsd${freebsd[1]}`, "FreeBSD", tag.split("_").at(-1) ?? "");
  const known = otherSystems.find(([prefix]) => tag.startsWith(prefix));
  return posix(known?.[1] ?? tag.split("_")[0] ?? tag, known?.[2] ?? "", otherMachine(tag));
}

function otherMachine(tag: string): string {
  if (tag.startsWith("linux_")) return tag.slice("linux_".length);
  if (tag.startsWith("ios_")) return tag.includes("_x86_64_") ? "x86_64" : "arm64";
  if (tag.startsWith("android_"))
    return tag
      .replace(/^android_\d+_/, "")
      .replace("arm64_v8a", "aarch64")
      .replace("armeabi_v7a", "armv7l");
  return tag.endsWith("_x86_64") ? "x86_64" : (tag.split("_").at(-1) ?? "");
}
