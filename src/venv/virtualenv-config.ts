import { virtualenvRelease } from "#foundation";
import type { Interpreter } from "#python";
import { shortVersion } from "./layout.ts";
import type { PyvenvConfig } from "./types.ts";

/**
 * What virtualenv writes into `pyvenv.cfg` beside the keys of every environment: nox, editors and packaging tools look there for the base Python, and tell by the
 * key `virtualenv` what made it. Its key `command` is left out: it holds the environment's place, and ours can be moved.
 */
export function virtualenvKeys(interpreter: Interpreter): PyvenvConfig["entries"] {
  return [
    ["python-version", shortVersion(interpreter)],
    ["virtualenv", virtualenvRelease],
    ["base-prefix", interpreter.basePrefix],
    ["base-exec-prefix", interpreter.basePrefix],
    ["base-executable", interpreter.baseExecutable],
  ];
}
