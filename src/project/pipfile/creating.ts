import { pairText } from "../toml/splicing.ts";
import type { PipfileSource } from "./types.ts";

export interface NewPipfile {
  readonly sources: readonly PipfileSource[];
  /** `3.12`: the Python that the project is for. */
  readonly pythonVersion?: string | undefined;
  /** `3.12.4`, where a Python was asked for by its whole version. */
  readonly pythonFullVersion?: string | undefined;
}

/** The Pipfile of a new project, as pipenv writes it into an empty folder. */
export function newPipfile({ sources, pythonVersion, pythonFullVersion }: NewPipfile): string {
  const requires = [
    ...(pythonVersion === undefined ? [] : [pairText(["python_version"], pythonVersion)]),
    ...(pythonFullVersion === undefined ? [] : [pairText(["python_full_version"], pythonFullVersion)]),
  ];
  const tables = [
    ...sources.map(({ url, verifySsl, name }) => [
      "[[source]]",
      pairText(["url"], url),
      pairText(["verify_ssl"], verifySsl),
      pairText(["name"], name),
    ]),
    ["[packages]"],
    ["[dev-packages]"],
    ...(requires.length === 0 ? [] : [["[requires]", ...requires]]),
  ];
  return `${tables.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
