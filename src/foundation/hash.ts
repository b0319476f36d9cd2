import { digest } from "./runtime.ts";

/** A digest in the making; `algorithm` is a name that OpenSSL knows (`sha256`). */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal. May be called once. */
  hex(): string;
  /** URL-safe base64 without padding, as RECORD files have it. May be called once. */
  base64url(): string;
}

export function createHasher(algorithm = "sha256"): Hasher {
  const hash = digest(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
    base64url: () => hash.digest("base64url"),
  };
}

/** Lower-case hexadecimal SHA-256. */
export function sha256Hex(content: string | Uint8Array): string {
  const hash = digest("sha256");
  hash.update(content);
  return hash.digest("hex");
}
