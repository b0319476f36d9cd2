/** Asks the real pipenv: its own classes answer, in one process for all questions. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PipfileEdit, PipfileSource } from "#project";
import { tool } from "../support/tools.ts";

/** The Python that pipenv is installed in; undefined where PEN_TEST_TOOLS has no pipenv. */
export const pipenvPython: string | undefined = tool("pipenv") === undefined ? undefined : tool("python");

export type Question =
  /** The hash over canonical names, and the one over names as written. */
  | { readonly ask: "hashes"; readonly text: string }
  /** The Pipfile after changes, each written out before the next. */
  | { readonly ask: "edit"; readonly text: string; readonly edits: readonly PipfileEdit[] }
  /** The Pipfile after pipenv has read and written it, with nothing changed. */
  | { readonly ask: "rewrite"; readonly text: string }
  /** What each entry asks for, and the folder that the Pipfile stood in. */
  | { readonly ask: "requirements"; readonly text: string; readonly env: Readonly<Record<string, string>> }
  /** Which of the Pythons fit a `python_version`. */
  | { readonly ask: "python"; readonly required: string; readonly actual: readonly string[] }
  | {
      readonly ask: "new";
      readonly sources: ReadonlyArray<Omit<PipfileSource, "verifySsl"> & { readonly verify_ssl: boolean }>;
      readonly requires: Readonly<Record<string, string>>;
    }
  /** What a `.env` file sets, and what it says line by line. */
  | { readonly ask: "dotenv"; readonly text: string; readonly env: Readonly<Record<string, string>>; readonly override: boolean }
  /** The URL of a source with its variables. */
  | { readonly ask: "expand"; readonly text: string; readonly env: Readonly<Record<string, string>> }
  /** The words of the commands of a script. */
  | { readonly ask: "script"; readonly text: string; readonly name: string; readonly arguments: readonly string[] };

export interface Answer {
  readonly answer?: unknown;
  readonly error?: string;
}

/** pipenv's answers, in the order of the questions. */
export function askPipenv(questions: readonly Question[]): Answer[] {
  if (pipenvPython === undefined) throw new Error("no pipenv");
  const home = mkdtempSync(join(tmpdir(), "pen-oracle-"));
  const { status, stdout, stderr } = spawnSync(pipenvPython, [join(import.meta.dirname, "oracle.py")], {
    input: JSON.stringify(questions),
    encoding: "utf8",
    env: { HOME: home, TMPDIR: home, PATH: dirname(pipenvPython), LANG: "C.UTF-8", PIPENV_IGNORE_VIRTUALENVS: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`pipenv's oracle failed:\n${stderr}`);
  return JSON.parse(stdout) as Answer[];
}
