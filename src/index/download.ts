/** Files from anywhere to a folder, hashed on the way and checked before anybody sees them. */
import {
  type FileWriter,
  type Hasher,
  PenError,
  createFile,
  createHasher,
  makeFolders,
  openFile,
  printableLine,
  removeFile,
  temporaryBeside,
  join,
} from "#foundation";
import { TransientFault } from "./retry.ts";
import type { DownloadOptions, DownloadRequest, DownloadedFile } from "./settings.ts";
import type { Answer, Transport } from "./transport.ts";
import { localPath, shownUrl } from "./urls.ts";

type OnProgress = NonNullable<DownloadOptions["onProgress"]>;

/** As `IndexClient.download`; the URL is without credentials. */
export async function downloadFile(
  transport: Transport,
  file: DownloadRequest,
  { folder, onProgress = () => {}, signal }: DownloadOptions & { readonly folder: string },
): Promise<DownloadedFile> {
  const local = localPath(file.url);
  if (local !== undefined) return checkLocal(local, file, onProgress);
  makeFolders(folder);
  const state = new Download(file, folder, onProgress);
  try {
    await transport.request(
      () => ({ url: file.url, headers: state.headers(), signal }),
      (answer) => state.receive(answer),
    );
    return state.finish();
  } catch (error) {
    state.discard();
    throw error;
  }
}

function checkLocal(path: string, file: DownloadRequest, onProgress: OnProgress): DownloadedFile {
  const opened = openFile(path);
  try {
    const digests = new Digests(file.hashes);
    for (let done = 0; done < opened.size;) {
      const bytes = opened.read(done, Math.min(1 << 20, opened.size - done));
      if (bytes.length === 0) break;
      digests.update(bytes);
      done += bytes.length;
      onProgress(done, opened.size);
    }
    if (opened.changed())
      throw new PenError("FILE_SYSTEM", `${printableLine(path)} changed while it was read`, { hint: "Run the command again." });
    return check(file, { path, size: opened.size, hashes: digests.finish() });
  } finally {
    opened.close();
  }
}

/** OpenSSL's names for the algorithms that Python calls otherwise. */
const opensslNames: Readonly<Record<string, string>> = {
  sha3_256: "sha3-256",
  sha3_384: "sha3-384",
  sha3_512: "sha3-512",
  blake2b: "blake2b512",
  blake2s: "blake2s256",
};

/** SHA-256 and whatever else was promised. */
class Digests {
  private readonly hashers: ReadonlyMap<string, Hasher>;

  constructor(promised: Readonly<Record<string, string>>) {
    this.hashers = new Map([...new Set(["sha256", ...Object.keys(promised)])].map((name) => [name, hasherFor(name)]));
  }

  update(bytes: Uint8Array): void {
    for (const hasher of this.hashers.values()) hasher.update(bytes);
  }

  finish(): Record<string, string> {
    return Object.fromEntries([...this.hashers].map(([name, hasher]) => [name, hasher.hex()]));
  }
}

/** Lower-case hexadecimal digest of bytes. Throws INVALID_HASH for an algorithm that this runtime does not know. */
export function digestOf(algorithm: string, bytes: Uint8Array): string {
  const hasher = hasherFor(algorithm);
  hasher.update(bytes);
  return hasher.hex();
}

function hasherFor(name: string): Hasher {
  try {
    return createHasher(opensslNames[name] ?? name);
  } catch (error) {
    throw new PenError("INVALID_HASH", `This system cannot compute ${printableLine(name)} hashes`, {
      hint: "Give a sha256 hash instead.",
      cause: error,
    });
  }
}

function check(file: DownloadRequest, got: { path: string; size: number; hashes: Record<string, string> }): DownloadedFile {
  const sha256 = got.hashes["sha256"] ?? "";
  const url = shownUrl(file.url);
  if (file.size !== undefined && file.size !== got.size) {
    throw new PenError("HASH_MISMATCH", `${printableLine(file.filename)} does not have the size that was promised`, {
      why: `Expected ${file.size} bytes, got ${got.size} from ${url}.`,
      hint: mismatchHint,
      data: { url, expected: file.size, got: got.size },
    });
  }
  for (const [algorithm, expected] of Object.entries(file.hashes)) {
    const actual = got.hashes[algorithm] ?? "";
    if (actual !== expected.toLowerCase()) throw hashMismatch(file.filename, { algorithm, expected, actual, url });
  }
  return { ...got, sha256 };
}

const mismatchHint =
  "The file is damaged or is not the one that was meant: do not use it. If the index replaced it on purpose, make the lock or the hash anew.";

/** The error for content that is not what a hash promised; `url` as {@link shownUrl} gives it. */
export function hashMismatch(filename: string, facts: { algorithm: string; expected: string; actual: string; url: string }): PenError {
  const { algorithm, expected, actual, url } = facts;
  return new PenError("HASH_MISMATCH", `${printableLine(filename)} is not the file that was promised`, {
    why: `Expected ${algorithm}:${printableLine(expected)}\n     got ${algorithm}:${actual}\n    from ${url}`,
    hint: mismatchHint,
    data: { url, algorithm, expected, got: actual },
  });
}

/** One download over any number of connections. */
class Download {
  private readonly file: DownloadRequest;
  private readonly folder: string;
  private readonly onProgress: OnProgress;
  private writer: FileWriter | undefined;
  private path = "";
  private digests: Digests;
  private received = 0;
  private total: number | undefined;
  /** A strong validator: with it a broken download may go on where it ended. */
  private etag: string | undefined;

  constructor(file: DownloadRequest, folder: string, onProgress: OnProgress) {
    this.file = file;
    this.folder = folder;
    this.onProgress = onProgress;
    this.digests = new Digests(file.hashes);
  }

  headers(): Record<string, string> {
    const resume = this.received > 0 && this.etag !== undefined ? { range: `bytes=${this.received}-`, "if-range": this.etag } : {};
    return { accept: "*/*", "accept-encoding": "identity", ...resume };
  }

  async receive(answer: Answer): Promise<void> {
    if (answer.status === 206 && this.continues(answer)) return this.take(answer);
    if (answer.status === 206 || answer.status === 416) {
      // Not the range that was asked for: nothing of it can be trusted. Begin again, whole.
      this.restart();
      throw new TransientFault("The server sent another part of the file than was asked for.");
    }
    if (answer.status !== 200) {
      throw new PenError("NETWORK", `Could not fetch ${shownUrl(this.file.url)}`, {
        why: answer.status === 404 || answer.status === 410 ? "The server does not have it." : `The server answered ${answer.status}.`,
        data: { url: shownUrl(this.file.url), status: answer.status },
      });
    }
    this.restart();
    const etag = answer.headers.get("etag");
    this.etag = etag !== null && etag.startsWith('"') ? etag : undefined;
    const length = answer.headers.get("content-length");
    const plain = answer.headers.get("content-encoding") === null;
    this.total = this.file.size ?? (plain && length !== null && /^\d+$/.test(length) ? Number(length) : undefined);
    return this.take(answer);
  }

  private continues(answer: Answer): boolean {
    const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers.get("content-range") ?? "");
    if (match === null || this.received === 0 || Number(match[1]) !== this.received) return false;
    const etag = answer.headers.get("etag");
    if (etag !== null && etag !== this.etag) return false;
    return match[3] === "*" || this.total === undefined || (Number(match[3]) === this.total && Number(match[2]) === this.total - 1);
  }

  private async take(answer: Answer): Promise<void> {
    this.writer ??= this.open();
    this.onProgress(this.received, this.total);
    for await (const chunk of answer.chunks()) {
      // A server that sends without end is cut off at what was promised.
      if (this.file.size !== undefined && this.received + chunk.length > this.file.size) {
        throw new PenError("HASH_MISMATCH", `${printableLine(this.file.filename)} is longer than was promised`, {
          why: `Expected ${this.file.size} bytes from ${shownUrl(this.file.url)}.`,
          hint: mismatchHint,
        });
      }
      this.writer.write(chunk);
      this.digests.update(chunk);
      this.received += chunk.length;
      this.onProgress(this.received, this.total);
    }
    // After a resumed part: the whole must have the length that was announced for the whole.
    if (this.file.size === undefined && this.total !== undefined && this.received !== this.total) {
      throw new TransientFault(`The server promised ${this.total} bytes and sent ${this.received}.`);
    }
  }

  private open(): FileWriter {
    this.path = temporaryBeside(join(this.folder, "x"));
    return createFile(this.path, 0o600);
  }

  private restart(): void {
    this.discard();
    this.digests = new Digests(this.file.hashes);
    this.received = 0;
    this.etag = undefined;
    this.total = undefined;
  }

  finish(): DownloadedFile {
    this.writer?.close();
    this.writer = undefined;
    return check(this.file, { path: this.path, size: this.received, hashes: this.digests.finish() });
  }

  discard(): void {
    this.writer?.close();
    this.writer = undefined;
    if (this.path !== "") removeFile(this.path);
    this.path = "";
  }
}
