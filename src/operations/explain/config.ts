import type { PyvenvConfig } from "#venv";
import type { ConfigKey } from "./types.ts";

const obeyed: ReadonlySet<string> = new Set(["home", "include-system-site-packages"]);

const meanings: Readonly<Record<string, string>> = {
  home: "The folder of the base Python's executable. From it Python finds the standard library; it is the arrow between the two folders.",
  implementation: "Which Python this is: CPython, PyPy, GraalPy.",
  version: "The version of the base Python when the environment was made.",
  version_info: "The same version, as sys.version_info has it.",
  "python-version": "The same version, without the last number.",
  executable: "The base Python's executable.",
  command: "The command that made the environment.",
  prompt: "What the shell shows in front of its prompt while the environment is active.",
  pen: "The version of pen that made the environment.",
  uv: "The version of uv that made the environment.",
  virtualenv: "The version of virtualenv that made the environment.",
  inherits: "An environment whose packages can be imported too, after the environment's own. A .pth file in site-packages tells Python so.",
  relocatable: "The scripts find their own Python, so that the folder may be moved.",
  "base-prefix": "sys.prefix of the base Python.",
  "base-exec-prefix": "sys.exec_prefix of the base Python.",
  "base-executable": "The base Python's executable.",
};

/** What each key of a `pyvenv.cfg` does, in the order of the file. */
export function explainConfig(config: PyvenvConfig): ConfigKey[] {
  return config.entries.map(([key, value]) => ({ key, value, meaning: meaningOf(key, value), obeyed: obeyed.has(key) }));
}

function meaningOf(key: string, value: string): string {
  if (key !== "include-system-site-packages") return meanings[key] ?? "Python does not read it; some tool left it as a note.";
  return value.toLowerCase() === "true"
    ? "Packages of the base Python can be imported too, after the environment's own."
    : "Packages of the base Python stay out of sight.";
}
