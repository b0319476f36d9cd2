import { PenError, printable, printableLine, redactUrl } from "#foundation";
import type { BuildOptions, BuildSystem } from "./types.ts";

/** How a run of the backend ended badly, as the driver tells it. */
export interface FailedRun {
  readonly kind: string;
  readonly hook?: string;
  readonly error?: string;
  readonly message?: string;
  readonly module?: string;
  readonly signal?: number;
  readonly code?: number;
}

/** What a log says is missing on this machine. */
export interface MissingThing {
  readonly kind: "header" | "compiler" | "library" | "program" | "module" | "memory";
  readonly name: string;
}

interface Clue {
  readonly kind: MissingThing["kind"];
  readonly pattern: RegExp;
}

// The first clue that fits is taken: the particular ones stand before the general ones.
const clues: readonly Clue[] = [
  { kind: "header", pattern: /fatal error:? '?([\w./+-]{1,100}\.h(?:pp|h)?)'?(?::| file)/ },
  { kind: "header", pattern: /([\w./+-]{1,100}\.h): No such file or directory/ },
  {
    kind: "program",
    pattern:
      /\b(pg_config|mysql_config|mariadb_config|krb5-config|xml2-config|curl-config|nc-config|gdal-config|llvm-config)\b[^\n]{0,80}(?:not found|required|missing|No such file)/i,
  },
  { kind: "program", pattern: /(?:can't find|cannot find|could not find|requires?) (?:the )?(rust compiler|cargo|rustc)\b/i },
  {
    kind: "compiler",
    pattern:
      /(?:unable to execute|error: command) '(?:[\w./-]*\/)?([\w.+-]{1,60}(?:gcc|g\+\+|cc|clang|clang\+\+|c\+\+)|gcc|g\+\+|cc|c\+\+|clang|gfortran)(?:-\d+)?'[^\n]{0,40}(?:No such file|failed: No such file|not found)/,
  },
  { kind: "compiler", pattern: /(?:Unknown|No acceptable C|no C) compiler(?:\(s\))?:? \[\[?'?([\w+-]{1,30})/i },
  { kind: "library", pattern: /cannot find -l([\w+.-]{1,60})/ },
  { kind: "program", pattern: /No such file or directory: '([\w.+-]{1,60})'/ },
  {
    kind: "program",
    pattern:
      /(?:^|\s)(cmake|ninja|meson|make|swig|pkg-config|git|cargo|cython)(?::|\s)[^\n]{0,40}(?:not found|command not found|is required|must be installed)/im,
  },
  { kind: "module", pattern: /(?:ModuleNotFoundError|ImportError): No module named '?([\w.]{1,100})'?/ },
];

const compilerName = /^(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|gfortran)(?:-\d+)?$/;

/** What the log of a build says is missing; undefined when it does not tell. */
export function findMissing(log: string): MissingThing | undefined {
  for (const { kind, pattern } of clues) {
    const name = pattern.exec(log)?.[1];
    if (name !== undefined) return { kind: kind === "program" && compilerName.test(name) ? "compiler" : kind, name };
  }
  return undefined;
}

/** Where the headers and programs that builds miss most often come from, in the words of Debian and its kin. */
const providers: ReadonlyMap<string, string> = new Map([
  ["Python.h", "python3-dev (Fedora: python3-devel)"],
  ["ffi.h", "libffi-dev (Fedora: libffi-devel)"],
  ["openssl/ssl.h", "libssl-dev (Fedora: openssl-devel)"],
  ["openssl/opensslv.h", "libssl-dev (Fedora: openssl-devel)"],
  ["libpq-fe.h", "libpq-dev (Fedora: libpq-devel)"],
  ["pg_config", "libpq-dev (Fedora: libpq-devel)"],
  ["mysql.h", "default-libmysqlclient-dev (Fedora: mysql-devel)"],
  ["mysql_config", "default-libmysqlclient-dev (Fedora: mysql-devel)"],
  ["mariadb_config", "libmariadb-dev (Fedora: mariadb-connector-c-devel)"],
  ["libxml/xmlversion.h", "libxml2-dev and libxslt1-dev (Fedora: libxml2-devel and libxslt-devel)"],
  ["xml2-config", "libxml2-dev and libxslt1-dev (Fedora: libxml2-devel and libxslt-devel)"],
  ["zlib.h", "zlib1g-dev (Fedora: zlib-devel)"],
  ["jpeglib.h", "libjpeg-dev (Fedora: libjpeg-turbo-devel)"],
  ["sqlite3.h", "libsqlite3-dev (Fedora: sqlite-devel)"],
  ["curl/curl.h", "libcurl4-openssl-dev (Fedora: libcurl-devel)"],
  ["curl-config", "libcurl4-openssl-dev (Fedora: libcurl-devel)"],
  ["ldap.h", "libldap2-dev (Fedora: openldap-devel)"],
  ["lber.h", "libldap2-dev (Fedora: openldap-devel)"],
  ["sasl/sasl.h", "libsasl2-dev (Fedora: cyrus-sasl-devel)"],
  ["gssapi/gssapi.h", "libkrb5-dev (Fedora: krb5-devel)"],
  ["krb5-config", "libkrb5-dev (Fedora: krb5-devel)"],
  ["portaudio.h", "portaudio19-dev (Fedora: portaudio-devel)"],
  ["sndfile.h", "libsndfile1-dev (Fedora: libsndfile-devel)"],
  ["git", "git"],
  ["cmake", "cmake"],
  ["pkg-config", "pkg-config (Fedora: pkgconf)"],
]);

function missingHint({ kind, name }: MissingThing, legacy: boolean): string {
  const provider = providers.get(name);
  const where = provider === undefined ? "" : `: on Debian and Ubuntu it is in ${provider}`;
  switch (kind) {
    case "header":
      return `The C header ${name} is missing${where || ": install the development files of the library that it belongs to"}.`;
    case "compiler":
      return `There is no compiler (${name}): on Debian and Ubuntu install build-essential (Fedora: gcc gcc-c++), or take a version that has a wheel.`;
    case "library":
      return `The library ${name} is missing: install its development files (often lib${name}-dev).`;
    case "program":
      return /rust|cargo/i.test(name)
        ? "The Rust compiler is missing: install Rust (rustup or your system's packages), or take a version that has a wheel."
        : `The program ${name} is missing${where || ": install it, or put it on PATH"}.`;
    case "memory":
      return "The build was killed, most often because memory ran out: build with fewer jobs at once, or take a version that has a wheel.";
    case "module":
      return moduleHint(name.split(".")[0] ?? name, legacy);
  }
}

function moduleHint(module: string, legacy: boolean): string {
  if (module === "distutils")
    return "The project needs distutils, which Python 3.12 removed: use an older Python, or a newer version of the project.";
  if (module === "imp" || module === "asyncore" || module === "cgi")
    return `The project needs the module ${module}, which newer Pythons do not have: use an older Python, or a newer version of the project.`;
  if (module === "pkg_resources")
    return "The project needs pkg_resources, which setuptools 82 removed: write setuptools<82 into a file, and add --build-constraint FILE.";
  return `The build needs the module ${module}, which the project ${legacy ? "cannot ask for without a pyproject.toml" : "does not list in build-system.requires"}: install it into the environment, and add --no-build-isolation.`;
}

const shownLines = 20;
const shownCharacters = 4000;

/** The end of a log as a person reads it: at most twenty lines, without control characters and credentials. */
export function lastLines(log: string): string {
  const lines = log
    .replace(/\r\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r") + 1).trimEnd())
    // Where the build stood for its few seconds tells nobody anything.
    .map((line) => line.replace(/(["' (]|^)\/[^"' ]*\/\.pen-tmp-\d+-[0-9a-f]{12}\//g, "$1"))
    .filter((line) => line !== "");
  return redactUrl(printable(lines.slice(-shownLines).join("\n").slice(-shownCharacters)));
}

export interface FailureFacts {
  readonly system: BuildSystem;
  readonly log: string;
  readonly options: BuildOptions;
}

/** The BUILD_FAILED error of a run: what happened, the last lines of the log, and what is missing when that can be told. */
export function buildFailure(run: FailedRun, { system, log, options }: FailureFacts): PenError {
  const missing = missingIn(run, log);
  const place = options.keepLog(log);
  const lines = lastLines(log);
  const told = lines === "" ? "It printed nothing." : `The last lines that it printed:\n${lines.replace(/^/gm, "  ")}`;
  const hints = [
    ...(missing === undefined ? [] : [missingHint(missing, system.legacy)]),
    ...(run.kind === "timeout" ? ["Give it more time with --build-timeout SECONDS (0: no limit)."] : []),
    ...(place === undefined ? [] : [`The whole log: ${printableLine(place)}`]),
  ];
  return new PenError("BUILD_FAILED", `Could not build ${printableLine(options.label)}`, {
    why: `${sentence(run, system, options)}\n${told}`,
    ...(hints.length === 0 ? {} : { hint: hints.join("\n") }),
    data: {
      what: printableLine(options.label),
      backend: system.backend,
      reason: run.kind,
      ...(run.hook === undefined ? {} : { hook: run.hook }),
      ...(missing === undefined ? {} : { missing: { ...missing } }),
      ...(place === undefined ? {} : { log: place }),
    },
  });
}

function missingIn(run: FailedRun, printed: string): MissingThing | undefined {
  const log = `${printed}\n${run.message ?? ""}`;
  if (run.kind === "crashed" && run.signal === 9) return { kind: "memory", name: "memory" };
  if (run.kind === "timeout") return undefined;
  const found = findMissing(log);
  // What the compiler misses weighs more than the import that failed first.
  if (found !== undefined && found.kind !== "module") return found;
  return run.module === undefined ? found : { kind: "module", name: run.module };
}

const signalNames: Readonly<Record<number, string>> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

function sentence(run: FailedRun, { backend }: BuildSystem, options: BuildOptions): string {
  const hook = run.hook === undefined ? "" : ` (${printableLine(run.hook)})`;
  const message = printableLine(redactUrl((run.message ?? "").split("\n", 1)[0] ?? "")).slice(0, 500);
  const error = run.error === undefined ? "" : `: ${run.error}${message === "" ? "" : `: ${message}`}`;
  switch (run.kind) {
    case "timeout":
      return `Its build backend ${backend} did not end within ${Math.round((options.timeoutMs ?? 0) / 1000)} s, and was killed.`;
    case "crashed":
      return `Its build backend ${backend} was ended by ${signalNames[run.signal ?? 0] ?? `signal ${run.signal}`}${hook}.`;
    case "ended":
      return `Its build backend ${backend} ended the process${hook} with status ${run.code ?? "unknown"}.`;
    case "backend-missing":
      return `Its build backend ${backend} cannot be imported${error}.`;
    case "backend-broken":
      return `Its build backend ${backend} failed while it was imported${error}.`;
    case "backend-elsewhere":
      return `Its build backend ${backend} was to come from the project's own backend-path, and came from ${message || "somewhere else"}.`;
    case "hook-missing":
      return `Its build backend ${backend} has no ${run.hook ?? "hook"}, which every backend must have (PEP 517).`;
    case "bad-answer":
      return `Its build backend ${backend} gave an answer${hook} that PEP 517 does not allow${message === "" ? "" : `: ${message}`}.`;
    case "unsupported":
      return `Its build backend ${backend} says that it cannot do this here${error}.`;
    default:
      return `Its build backend ${backend} failed${hook}${error}.`;
  }
}
