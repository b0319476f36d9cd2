/** A size as pip writes it, in powers of a thousand: `1.2 MB`, `34 kB`, `1.5 kB`, `12 bytes`. */
export function pipSizeText(bytes: number): string {
  if (bytes > 1_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  if (bytes > 10_000) return `${Math.floor(bytes / 1000)} kB`;
  return bytes > 1000 ? `${(bytes / 1000).toFixed(1)} kB` : `${bytes} bytes`;
}
