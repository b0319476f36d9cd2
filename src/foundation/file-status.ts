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
