/** One member of a source archive, whatever the format of the archive. */
export interface ArchiveMember {
  /** As the archive has it. */
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "hard-link" | "device" | "sparse";
  /** Of links: as the archive has it. */
  readonly target: string;
  /** Bytes of a file. */
  readonly size: number;
  readonly executable: boolean;
  /** Milliseconds since 1970; undefined where the archive does not say. */
  readonly mtimeMs: number | undefined;
  /** The content of a file. To be read to its end before the next member is asked for; left alone, it is passed over. */
  content(): AsyncIterable<Uint8Array>;
}

/** What an archive may cost before it is refused. */
export interface ArchiveLimits {
  /** Bytes of all files together. */
  readonly maxSize: number;
  /** Unpacked bytes for each byte of the archive; looked at from 32 MiB unpacked on. */
  readonly maxRatio: number;
  readonly maxMembers: number;
}

export const defaultLimits: ArchiveLimits = { maxSize: 8 * 2 ** 30, maxRatio: 200, maxMembers: 500_000 };
export const ratioFreeSize: number = 32 * 2 ** 20;
