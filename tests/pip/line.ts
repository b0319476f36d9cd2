/** One command line of pip, what it meets, and what must come out alike. */
export interface Line {
  /** The words after `pip`, split at blanks; a list where a word has blanks in itself. Places are filled in: see `fill` in twins.ts. */
  readonly args: string | readonly string[];
  /** What is installed before. Default: nothing. */
  readonly in?: StateName;
  /** Files in the working folder, with places filled in; bytes as they are. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  /** Command lines that go before and are not compared. */
  readonly first?: readonly string[];
  /** Standard output: the words that scripts rely on (the default), every line, every line in any order, one JSON document, or only the exit status. */
  readonly stdout?: "words" | "same" | "lines" | "json" | "status";
  /** Files in the working folder that hold JSON or TOML and are compared field by field. */
  readonly documents?: readonly string[];
  /** What is not compared, and why. */
  readonly apart?: { readonly what: ReadonlyArray<"status" | "words" | "stdout" | "environment" | "work">; readonly why: string };
}

/** Environments that lines start with: nothing; some packages; packages that do not fit together; a project in development mode. */
export type StateName = "empty" | "some" | "broken" | "editable";

export interface Subject {
  readonly subject: string;
  readonly lines: readonly Line[];
}
