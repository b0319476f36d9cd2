/** What is known of something in a folder. */
export type FileKind = "file" | "folder" | "link" | "other";

export interface FileStatus {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with a fraction. */
  readonly mtimeMs: number;
  readonly mode: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
  /** Bytes that it takes on the disk. */
  readonly disk: number;
  /** User id of the owner; 0 on Windows. */
  readonly owner: number;
}

/** An open file that is read by range: what is read is one file even when its name is given to another meanwhile. */
export interface OpenFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /** `length` bytes from `offset`; fewer at the end of the file. Errors: FILE_SYSTEM. */
  read(offset: number, length: number): Uint8Array;
  /** True when size or time of change are not what they were when it was opened. */
  changed(): boolean;
  close(): void;
}
