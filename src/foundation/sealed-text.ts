/** Texts in pen's own files that carry a checksum, so that a flipped bit or a missing end is found. */
import { crc32 } from "./runtime.ts";
import { textOf } from "./utf8.ts";

const length = 8;

/** The CRC-32 of a content, in eight hexadecimal digits. */
export function checksum(content: string | Uint8Array): string {
  return crc32(content).toString(16).padStart(length, "0");
}

/** The text with its checksum in front. */
export function sealText(text: string): string {
  return checksum(text) + text;
}

/** What {@link sealText} made this of. Undefined when there is nothing, or when the checksum is missing or wrong: then it is not as pen wrote it. */
export function unsealText(sealed: string | Uint8Array | undefined): string | undefined {
  if (sealed === undefined) return undefined;
  const whole = typeof sealed === "string" ? sealed : textOf(sealed);
  const text = whole.slice(length);
  return sealText(text) === whole ? text : undefined;
}
