import { readRange } from "#foundation";

/** What the head of an ELF executable says. */
export interface ElfFacts {
  readonly bits: 32 | 64;
  /** `e_machine`: 40 is Arm, 62 is x86-64. */
  readonly machine: number;
  /** `e_flags`. */
  readonly flags: number;
  /** The program loader (`PT_INTERP`), for example `/lib64/ld-linux-x86-64.so.2`; undefined in static programs. */
  readonly loader: string | undefined;
}

const PT_INTERP = 3;
const maxProgramHeaders = 64;
const maxLoader = 4096;

/** Reads the head of the ELF file at `path`; undefined for any other or damaged file, and for one that cannot be read. */
export function readElf(path: string): ElfFacts | undefined {
  try {
    return parseElf((offset, length) => readRange(path, offset, length));
  } catch {
    // A truncated or lying header is no ELF file for our purpose.
    return undefined;
  }
}

function parseElf(read: (offset: number, length: number) => Uint8Array): ElfFacts | undefined {
  const head = read(0, 64);
  if (head.length < 52 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return undefined;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const view = viewOf(head);
  const offset = wide ? Number(view.getBigUint64(32, little)) : view.getUint32(28, little);
  const entrySize = view.getUint16(wide ? 54 : 42, little);
  const count = Math.min(view.getUint16(wide ? 56 : 44, little), maxProgramHeaders);
  const facts = { bits: wide ? 64 : 32, machine: view.getUint16(18, little), flags: view.getUint32(wide ? 48 : 36, little) } as const;
  if (entrySize < (wide ? 56 : 32)) return { ...facts, loader: undefined };
  const table = viewOf(read(offset, entrySize * count));
  for (let at = 0; at + entrySize <= table.byteLength; at += entrySize) {
    if (table.getUint32(at, little) !== PT_INTERP) continue;
    const start = wide ? Number(table.getBigUint64(at + 8, little)) : table.getUint32(at + 4, little);
    const length = wide ? Number(table.getBigUint64(at + 32, little)) : table.getUint32(at + 16, little);
    const text = Buffer.from(read(start, Math.min(length, maxLoader))).toString("utf8");
    return { ...facts, loader: text.replace(/\0[\s\S]*$/, "") };
  }
  return { ...facts, loader: undefined };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
