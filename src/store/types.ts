import type { EntryPoint, NormalizedName } from "#standards";

/** Where a file of a wheel goes: `lib` is site-packages (purelib or platlib), the others are the `.data` schemes. */
export type WheelScheme = "lib" | "scripts" | "headers" | "data";

/** One file of an unpacked wheel. */
export interface StoredFile {
  /** Relative to the scheme's folder, with `/`. */
  readonly path: string;
  readonly scheme: WheelScheme;
  /** Relative to {@link StoredWheel.folder}: where the bytes stand in the store. */
  readonly source: string;
  readonly size: number;
  /** SHA-256, URL-safe base64 without padding, as RECORD has it. */
  readonly hash: string;
  readonly executable: boolean;
}

/**
 * What is in an unpacked wheel, kept beside it so that nobody walks the tree. Scripts of the `.data/scripts` folder and
 * the launchers of entry points stand in it with the text that every environment gets (they find their own Python).
 */
export interface WheelManifest {
  readonly format: 1;
  readonly filename: string;
  readonly name: NormalizedName;
  readonly version: string;
  /** SHA-256 of the wheel file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes of all files. */
  readonly size: number;
  readonly rootIsPurelib: boolean;
  /** `flask-3.0.0.dist-info`. */
  readonly distInfo: string;
  /**
   * What replaces the folder and its RECORD where a person asked for the wheel, relative to {@link StoredWheel.folder}: the same folder with
   * `REQUESTED` in it (the other files are hard links), and a RECORD that lists that file.
   */
  readonly requested: { readonly info: string; readonly record: string };
  /** The folders of scheme `lib`, parents first, relative. */
  readonly folders: readonly string[];
  /**
   * All files, those of scheme `lib` first, among them `INSTALLER` and `RECORD` of the `.dist-info` folder. Made when first asked for:
   * an install that links whole folders never does.
   */
  readonly files: readonly StoredFile[];
  /** `console_scripts` and `gui_scripts` (already checked). Their launchers are among the files, scheme `scripts`. */
  readonly scripts: readonly EntryPoint[];
  /**
   * Where RECORD stands, relative to {@link StoredWheel.folder}: beside the tree, so that an environment that links whole folders has none
   * and no other installer takes the files of the store for its own. Its text is that of an environment with `bin` three folders above site-packages;
   * it lists no headers, whose place depends on the Python.
   */
  readonly record: string;
  /** What stands directly in the folder of each scheme: for links to whole folders. */
  readonly topLevel: readonly TopLevelEntry[];
}

/** A file or folder directly in the folder of a scheme. */
export interface TopLevelEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly scheme: WheelScheme;
  /** Relative to {@link StoredWheel.folder}. */
  readonly source: string;
}

/** A wheel in the store. */
export interface StoredWheel {
  /** The folder with the unpacked tree. Read-only. */
  readonly folder: string;
  readonly manifest: WheelManifest;
  /** It stands in a store that is gone after the command, as the cache is read-only: nothing may link to it by a symbolic link. */
  readonly passing?: true;
}

/** A compiled module that stands in the store beside its source. */
export interface StoredBytecode {
  /** Relative to site-packages: `flask/__pycache__/app.cpython-311.pyc`. */
  readonly path: string;
  /** Relative to {@link StoredWheel.folder}. */
  readonly source: string;
  readonly size: number;
}

/** A file of the store that is not what its manifest says. */
export interface StoreProblem {
  readonly sha256: string;
  /** Name and version of the wheel, where its manifest can be read. */
  readonly wheel?: string;
  /** The file at fault; the folder of the entry when the manifest is. */
  readonly path: string;
  readonly kind: "manifest" | "missing" | "size" | "content" | "mode" | "unexpected";
}

/** An environment that uses wheels of the store. */
export interface Use {
  readonly sitePackages: string;
  /** SHA-256 of its wheels. */
  readonly wheels: readonly string[];
}
