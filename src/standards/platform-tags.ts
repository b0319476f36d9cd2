/**
 * The platform a wheel is chosen for. `manylinux` carries the version of glibc, `musllinux` that of musl, `macos` that
 * of the system. `arch` is the word that platform tags use (`x86_64`, `aarch64`, `arm64`, `i686`, …). Everything
 * else is `other`, with its one tag (`freebsd_14_amd64`; `ios_…` and `android_…` also stand for their older versions).
 */
export type PlatformTarget =
  | { readonly os: "manylinux"; readonly major: number; readonly minor: number; readonly arch: string }
  | { readonly os: "musllinux"; readonly major: number; readonly minor: number; readonly arch: string }
  | { readonly os: "macos"; readonly major: number; readonly minor: number; readonly arch: string }
  | { readonly os: "windows"; readonly arch: string }
  | { readonly os: "other"; readonly tag: string };

/**
 * The platform tags that a target can use, the most specific first. PEP 600 (perennial and legacy manylinux), PEP 656
 * (musllinux) and the platform compatibility tags page of the Python packaging guide; the order is that of the `packaging` library
 * (which since 26.3 puts `linux_…` before the others; here a portable wheel still comes before one that was built for some Linux).
 */
export function platformTags(target: PlatformTarget): string[] {
  switch (target.os) {
    case "manylinux":
      return manylinuxTags(target.major, target.minor, target.arch);
    case "musllinux":
      return musllinuxTags(target.major, target.minor, target.arch);
    case "macos":
      return macTags(target.major, target.minor, macArch(target.arch));
    case "windows":
      return [windowsTag(target.arch)];
    case "other":
      return otherTags(normalizeTagPart(target.tag));
  }
}

/** A word of `sysconfig.get_platform()` as it stands in a tag: lower case, with `_` for `-`, `.` and blanks. */
export function normalizeTagPart(text: string): string {
  return text.toLowerCase().replace(/[-. ]/g, "_");
}

const legacyManylinux: ReadonlyMap<number, string> = new Map([
  [17, "manylinux2014"],
  [12, "manylinux2010"],
  [5, "manylinux1"],
]);

/** glibc minor versions below this were never named by a manylinux tag for the architecture. Architectures that are missing have no manylinux. */
const oldestGlibcMinor: ReadonlyMap<string, number> = new Map([
  ["x86_64", 5],
  ["i686", 5],
  ["aarch64", 17],
  ["armv7l", 17],
  ["ppc64", 17],
  ["ppc64le", 17],
  ["s390x", 17],
  ["loongarch64", 17],
  ["riscv64", 17],
]);

/** glibc 2 has no last version yet; a target with glibc 3 would also run everything built for 2.x up to here. */
const assumedLastMinor = 50;
/** No real version number is greater; keeps a lying interpreter from asking for a million tags. */
const maxMinor = 200;
const maxMajor = 50;

function manylinuxTags(major: number, minor: number, arch: string): string[] {
  const archs = linuxArchs(arch);
  const tags: string[] = [];
  // 64-bit Arm kernels running 32-bit Pythons are the one case with two architectures: the second one decides what is allowed.
  const oldest = oldestGlibcMinor.get(archs.at(-1) ?? arch);
  if (oldest !== undefined) {
    for (const name of archs) {
      for (let generation = Math.min(major, maxMajor); generation >= 2; generation -= 1) {
        const newest = generation === major ? Math.min(minor, maxMinor) : assumedLastMinor;
        for (let version = newest; version >= (generation === 2 ? oldest : 0); version -= 1) {
          tags.push(`manylinux_${generation}_${version}_${name}`);
          const legacy = generation === 2 ? legacyManylinux.get(version) : undefined;
          if (legacy !== undefined) tags.push(`${legacy}_${name}`);
        }
      }
    }
  }
  return [...tags, ...archs.map((name) => `linux_${name}`)];
}

function musllinuxTags(major: number, minor: number, arch: string): string[] {
  const archs = linuxArchs(arch);
  const versions = countDown(Math.min(minor, maxMinor), 0);
  return [
    ...archs.flatMap((name) => versions.map((version) => `musllinux_${major}_${version}_${name}`)),
    ...archs.map((name) => `linux_${name}`),
  ];
}

function linuxArchs(arch: string): string[] {
  const name = normalizeTagPart(arch);
  return name === "armv8l" ? ["armv8l", "armv7l"] : [name];
}

function macArch(arch: string): string {
  const name = normalizeTagPart(arch);
  return name === "aarch64" ? "arm64" : name;
}

function macTags(major: number, minor: number, arch: string): string[] {
  if (major < 10) return [];
  if (major === 10) {
    return countDown(Math.min(minor, maxMinor), 0).flatMap((version) =>
      macFormats(10, version, arch).map((format) => `macosx_10_${version}_${format}`),
    );
  }
  const yearly = countDown(Math.min(major, maxMajor), 11).flatMap((version) =>
    macFormats(version, 0, arch).map((format) => `macosx_${version}_0_${format}`),
  );
  // The x86 half of a universal2 file may be built for an older system than any Arm machine ever ran.
  const older = countDown(16, 4).flatMap((version) =>
    (arch === "x86_64" ? macFormats(10, version, arch) : ["universal2"]).map((format) => `macosx_10_${version}_${format}`),
  );
  return [...yearly, ...older];
}

/** The kinds of Mach-O file that hold code for `arch` on that system, the exact one first. */
function macFormats(major: number, minor: number, arch: string): string[] {
  const modern = major > 10;
  switch (arch) {
    case "x86_64":
      return !modern && minor < 4 ? [] : [arch, "intel", "fat64", "fat3", "universal2", "universal"];
    case "i386":
      return !modern && minor < 4 ? [] : [arch, "intel", "fat3", "fat", "universal"];
    case "arm64":
      return [arch, "universal2"];
    case "ppc64":
      return modern || minor > 5 || minor < 4 ? [] : [arch, "fat64", "universal"];
    case "ppc":
      return modern || minor > 6 ? [] : [arch, "fat3", "fat", "universal"];
    case "intel":
      return [arch, "universal"];
    default:
      return [arch];
  }
}

const windowsArchs: ReadonlyMap<string, string> = new Map([
  ["x86_64", "win_amd64"],
  ["amd64", "win_amd64"],
  ["x86", "win32"],
  ["i386", "win32"],
  ["i686", "win32"],
  ["arm64", "win_arm64"],
  ["aarch64", "win_arm64"],
]);

function windowsTag(arch: string): string {
  const name = normalizeTagPart(arch);
  return windowsArchs.get(name) ?? `win_${name}`;
}

const oldestIos = 12;
const oldestAndroidLevel = 16;

function otherTags(tag: string): string[] {
  const ios = /^ios_(\d{1,2})_(\d{1,2})_(\w+)$/.exec(tag);
  if (ios !== null) return iosTags(Number(ios[1]), Number(ios[2]), ios[3] ?? "");
  const android = /^android_(\d{1,3})_(\w+)$/.exec(tag);
  if (android !== null) return countDown(Number(android[1]), oldestAndroidLevel).map((level) => `android_${level}_${android[2]}`);
  return [tag];
}

function iosTags(major: number, minor: number, multiarch: string): string[] {
  if (major < oldestIos) return [];
  const own = countDown(minor, 0).map((version) => `ios_${major}_${version}_${multiarch}`);
  // Minor versions of finished generations are not listed anywhere: 9 is more than any had.
  const older = countDown(major - 1, oldestIos).flatMap((generation) =>
    countDown(9, 0).map((version) => `ios_${generation}_${version}_${multiarch}`),
  );
  return [...own, ...older];
}

function countDown(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, at) => from - at);
}
