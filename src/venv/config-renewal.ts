import { isExecutableFile, isFolder, realPath, dirname, isAbsolute, join } from "#foundation";
import type { Interpreter } from "#python";
import { shortVersion } from "./layout.ts";
import { formatPyvenvConfig } from "./pyvenv-config.ts";

/**
 * The text of a `pyvenv.cfg` with those keys put right that say something else than `interpreter` is: whatever tool wrote it, all other
 * lines stay as they are. `home` is added where it is missing. Errors: INVALID_CONFIG for a path that the file cannot hold.
 */
export function renewedConfig(text: string, interpreter: Interpreter): string {
  const lines = text.split(/(?<=\n)|(?<=\r)(?!\n)/);
  let hasHome = false;
  const renewed = lines.map((line) => {
    const at = line.indexOf("=");
    if (at < 0) return line;
    const key = line
      .slice(0, at)
      .replace(/^\ufeff/, "")
      .trim()
      .toLowerCase();
    const value = line.slice(at + 1).trim();
    if (key === "home") hasHome = true;
    const wanted = valueFor(key, value, interpreter);
    if (wanted === undefined || wanted === value) return line;
    return formatPyvenvConfig([[line.slice(0, at).trim(), wanted]]).trimEnd() + (/[\r\n]+$/.exec(line)?.[0] ?? "");
  });
  const whole = renewed.join("");
  return hasHome ? whole : formatPyvenvConfig([["home", dirname(interpreter.baseExecutable)]]) + whole;
}

const implementations: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "cpython",
  pypy: "pypy",
  graalpy: "graalpy",
  other: "python",
};

/** The right value of a key that pen, venv, virtualenv or uv write; undefined for one that stays. */
function valueFor(key: string, value: string, interpreter: Interpreter): string | undefined {
  const { baseExecutable, basePrefix, version } = interpreter;
  switch (key) {
    case "home":
      return homeHolds(value, interpreter) ? value : dirname(baseExecutable);
    case "executable":
    case "base-executable":
      return isThis(value, interpreter) ? value : baseExecutable;
    case "base-prefix":
    case "base-exec-prefix":
      return isFolder(value) && realPath(value) === realPath(basePrefix) ? value : basePrefix;
    case "version":
      return isRelease(value, interpreter) ? value : version;
    case "version_info":
      return isRelease(value, interpreter) ? value : value.split(".").length > 3 ? interpreter.versionInfo.join(".") : version;
    case "python-version":
      return shortVersion(interpreter);
    case "implementation":
      return value.toLowerCase() === implementations[interpreter.implementation] || interpreter.implementation === "other"
        ? value
        : { cpython: "CPython", pypy: "PyPy", graalpy: "GraalPy" }[interpreter.implementation];
    default:
      return undefined;
  }
}

/** `3.12.1`, `3.12.1.final.0` and `3.12.1rc1` for one that is 3.12.1. */
function isRelease(text: string, { versionInfo }: Interpreter): boolean {
  const release = versionInfo.slice(0, 3).join(".");
  return text.startsWith(release) && !/^\d/.test(text.slice(release.length));
}

/** True when a Python of this folder is the interpreter. A relative path means another folder wherever Python is started. */
function homeHolds(home: string, interpreter: Interpreter): boolean {
  const version = shortVersion(interpreter);
  const names = ["python3", "python", `python${version}`, `python${version}t`, "pypy3", "pypy", `pypy${version}`, "graalpy"];
  return isAbsolute(home) && names.some((name) => isThis(join(home, name), interpreter));
}

const isThis = (path: string, { realExecutable }: Interpreter): boolean =>
  isAbsolute(path) && isExecutableFile(path) && realPath(path) === realExecutable;
