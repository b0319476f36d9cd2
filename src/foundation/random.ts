/** `bytes` random bytes as lower-case hexadecimal, from the system's source. */
export function randomHex(bytes: number): string {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(bytes));
  let digits = "";
  for (let at = 0; at < bytes; at += 1) digits += (256 + (random[at] as number)).toString(16).slice(1);
  return digits;
}
