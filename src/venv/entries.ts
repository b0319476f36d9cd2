/** One entry of an environment; paths are relative to its root, and a folder comes before what is in it. */
export type Entry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly text: string; readonly executable?: boolean }
  /** Written only where nothing stands: whoever has such a file means it. */
  | { readonly kind: "courtesy"; readonly path: string; readonly text: string }
  /** `source` is copied where the file system has no symbolic links; without it there is then no entry. */
  | { readonly kind: "link"; readonly path: string; readonly target: string; readonly source: string | undefined }
  | { readonly kind: "copy"; readonly path: string; readonly source: string };
