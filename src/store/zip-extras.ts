import type { PenError } from "#foundation";
import type { Refuse } from "./invalid.ts";

/** Numbers of a header that zip64 may carry in an extra field. */
export interface HeaderSizes {
  readonly size: number;
  readonly compressedSize: number;
  readonly offset: number;
}

/** Takes the extra fields of a header apart and returns the content of the zip64 one, if there is one. Throws INVALID_WHEEL. */
export function readExtras(bytes: Buffer, member: string, nameBytes: Buffer, refuse: Refuse): Buffer | undefined {
  let wide: Buffer | undefined;
  let at = 0;
  while (at + 4 <= bytes.length) {
    const id = bytes.readUInt16LE(at);
    const end = at + 4 + bytes.readUInt16LE(at + 2);
    if (end > bytes.length) throw refuse("extra-field", "An extra field of its header is cut off.", { member });
    const content = bytes.subarray(at + 4, end);
    if (id === 1) {
      if (wide !== undefined) throw refuse("zip64-mismatch", "It has two zip64 fields.", { member });
      wide = content;
    }
    // Some readers prefer this name to the one in the header.
    if (id === 0x7075 && !content.subarray(5).equals(nameBytes)) throw refuse("extra-field", "It has a second name.", { member });
    at = end;
  }
  // Alignment tools leave up to three bytes of padding.
  if (bytes.length - at > 3 || bytes.subarray(at).some((byte) => byte !== 0))
    throw refuse("extra-field", "Bytes stand behind the extra fields of its header.", { member });
  return wide;
}

/**
 * The sizes with the zip64 field put in (APPNOTE 4.5.3): it carries those numbers, in this order, whose place in the header
 * is full of ones. A field that is not needed must agree with the header. Throws what `fail` makes.
 */
export function zip64Sizes(header: HeaderSizes, wide: Buffer | undefined, fail: (why: string) => PenError): HeaderSizes {
  if (wide === undefined) return header;
  const keys = ["size", "compressedSize", "offset"] as const;
  const needed = keys.filter((key) => header[key] === 0xffffffff);
  // Writers carry what does not fit, or both sizes, or all; the number of the disk (4 bytes) may follow.
  const whole = wide.length - (wide.length % 8);
  if (wide.length - whole !== 0 && !(wide.length - whole === 4 && wide.readUInt32LE(whole) === 0))
    throw fail("Its zip64 field has an impossible length.");
  const carried = whole === 8 * needed.length ? needed : keys.slice(0, whole / 8);
  if (whole > 24 || needed.some((key) => !carried.includes(key))) throw fail("Its zip64 field does not carry what its header leaves out.");
  const values = { ...header };
  for (const [at, key] of carried.entries()) {
    const value = wide.readBigUInt64LE(8 * at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail("Its zip64 field holds an impossible size.");
    if (header[key] !== 0xffffffff && header[key] !== Number(value)) throw fail("Its zip64 field contradicts its header.");
    values[key] = Number(value);
  }
  return values;
}
