import { runProcess, basename } from "#foundation";
import type { PlatformTarget } from "#standards";
import type { ProbeAnswer } from "./answer.ts";
import type { ElfFacts } from "./elf.ts";

/** The parts of an answer that decide the platform. */
export type PlatformAnswer = Pick<ProbeAnswer, "platform" | "pointerBits" | "macVersion" | "libc" | "system">;

const armAbiMask = 0xff000000;
const armAbi5 = 0x05000000;
const armHardFloat = 0x00000400;
const armMachine = 40;

/**
 * The platform whose wheels the interpreter loads. Linux: PEP 600 for glibc, PEP 656 for musl (`musl` is the version its
 * loader prints); a 32-bit interpreter on a 64-bit kernel counts as 32-bit, and soft-float Arm has no manylinux.
 */
export function platformTargetOf(
  answer: PlatformAnswer,
  elf: ElfFacts | undefined,
  musl: readonly [number, number] | undefined,
): PlatformTarget {
  const other = { os: "other", tag: tagWord(answer.platform) } as const;
  if (answer.platform.startsWith("linux-")) return linuxTarget(answer, elf, musl);
  if (answer.platform.startsWith("macosx-")) {
    const version = twoNumbers(answer.macVersion);
    return version === undefined ? other : { os: "macos", major: version[0], minor: version[1], arch: macArch(answer) };
  }
  if (answer.platform === "win32") return { os: "windows", arch: "x86" };
  if (answer.platform.startsWith("win-")) return { os: "windows", arch: tagWord(answer.platform.slice(4)) };
  return other;
}

function linuxTarget(answer: PlatformAnswer, elf: ElfFacts | undefined, musl: readonly [number, number] | undefined): PlatformTarget {
  const kernel = tagWord(answer.platform.slice("linux-".length));
  const narrow: Readonly<Record<string, string>> = { x86_64: "i686", aarch64: "armv8l" };
  const arch = answer.pointerBits === 32 ? (narrow[kernel] ?? kernel) : kernel;
  const glibc = answer.libc?.startsWith("glibc ") === true ? twoNumbers(answer.libc.slice("glibc ".length)) : undefined;
  const softFloat = elf?.machine === armMachine && ((elf.flags & armAbiMask) >>> 0 !== armAbi5 || (elf.flags & armHardFloat) === 0);
  if (softFloat) return { os: "other", tag: `linux_${arch}` };
  if (glibc !== undefined) return { os: "manylinux", major: glibc[0], minor: glibc[1], arch };
  if (musl !== undefined) return { os: "musllinux", major: musl[0], minor: musl[1], arch };
  return { os: "other", tag: `linux_${arch}` };
}

function macArch(answer: PlatformAnswer): string {
  const machine = answer.system[3];
  if (answer.pointerBits === 64) return machine;
  return machine.startsWith("ppc") ? "ppc" : "i386";
}

function tagWord(text: string): string {
  return text.toLowerCase().replace(/[-. ]/g, "_");
}

function twoNumbers(text: string | undefined): readonly [number, number] | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})/.exec(text ?? "");
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** The version of musl that the loader of an executable belongs to: it prints it when started without arguments. */
export async function muslVersion(loader: string | undefined): Promise<readonly [number, number] | undefined> {
  if (loader === undefined || !basename(loader).startsWith("ld-musl")) return undefined;
  try {
    const { stderr } = await runProcess(loader, [], { env: {}, timeoutMs: 2000, maxOutput: 4096 });
    return parseMuslVersion(stderr);
  } catch {
    return undefined;
  }
}

/** `[1, 2]` from the words of a musl loader; undefined when they are no such words. */
export function parseMuslVersion(text: string): readonly [number, number] | undefined {
  if (!text.startsWith("musl")) return undefined;
  return twoNumbers(/\nVersion (\d{1,4}\.\d{1,4})/.exec(text)?.[1]);
}
