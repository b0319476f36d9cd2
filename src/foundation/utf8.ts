/** Texts and bytes in UTF-8. Without `Buffer`, which the engine makes when it is first named: that costs a short command as much as ten files. */
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of bytes in UTF-8, whole: a mark at its beginning stays, and what is no UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The bytes of a text in UTF-8; half a pair of surrogates becomes U+FFFD. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
