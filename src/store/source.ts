import { letGo, openFile } from "#foundation";

/** The bytes of a wheel, read by range. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end. They stay as they are: later reads do not overwrite them. */
  read(offset: number, length: number): Buffer;
  /** True when somebody wrote to the file since it was opened. */
  changed(): boolean;
  /** Nothing that was read is there any more. */
  close(): void;
}

/** A file up to this size is held whole: nobody can change it under our hands, and small reads cost nothing. */
const wholeFile = 8 * 2 ** 20;
const windowSize = 2 ** 20;

/** The bytes themselves, or a file to read them from. */
export function openSource(from: string | Uint8Array): ByteSource {
  if (typeof from !== "string") return sourceOfBytes(from);
  const file = openFile(from);
  if (file.size <= wholeFile) {
    try {
      const bytes = file.read(0, file.size);
      return { ...sourceOfBytes(bytes), close: () => letGo(bytes) };
    } finally {
      file.close();
    }
  }
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    size: file.size,
    read: (offset, length) => {
      if (offset < start || offset + length > start + window.length) {
        window = asBuffer(file.read(offset, Math.min(Math.max(length, windowSize), Math.max(0, file.size - offset))));
        start = offset;
      }
      return window.subarray(offset - start, offset - start + length);
    },
    changed: () => file.changed(),
    close: () => file.close(),
  };
}

function sourceOfBytes(bytes: Uint8Array): ByteSource {
  const buffer = asBuffer(bytes);
  return { size: buffer.length, read: (offset, length) => buffer.subarray(offset, offset + length), changed: () => false, close: () => {} };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
