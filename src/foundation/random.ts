/** `bytes` random bytes as lower-case hexadecimal, from the system's source. */
export function randomHex(bytes: number): string {
  return Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}
