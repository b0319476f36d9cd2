import { PenError, excerpt } from "#foundation";

/** The answer of the probe script, every field's type checked. Field by field what `probe-script.ts` prints. */
export interface ProbeAnswer {
  readonly executable: string;
  readonly baseExecutable: string | undefined;
  /** The `pyvenv.cfg` that makes this interpreter one of an environment. */
  readonly config: string | undefined;
  readonly versionInfo: VersionInfo;
  readonly fullVersion: string;
  readonly implementation: string;
  readonly implementationName: string;
  readonly implementationVersion: VersionInfo;
  /** The version of PyPy or GraalPy itself. */
  readonly ownVersion: readonly [number, number];
  readonly cacheTag: string;
  readonly platlibdir: string;
  readonly abiflags: string;
  readonly pointerBits: 32 | 64;
  readonly prefix: string;
  readonly basePrefix: string;
  readonly osName: string;
  readonly sysPlatform: string;
  readonly system: readonly [system: string, release: string, version: string, machine: string];
  /** `sysconfig.get_platform()`. */
  readonly platform: string;
  readonly macVersion: string | undefined;
  /** `glibc 2.36`, where the C library is glibc. */
  readonly libc: string | undefined;
  /** The libpython that the process has mapped (Linux). */
  readonly library: string | undefined;
  readonly paths: Readonly<Record<PathName, string>>;
  readonly variables: Readonly<Record<VariableName, string | number | undefined>>;
}

export type VersionInfo = readonly [major: number, minor: number, micro: number, level: string, serial: number];

const pathNames = ["stdlib", "platstdlib", "purelib", "platlib", "scripts", "data", "include"] as const;
type PathName = (typeof pathNames)[number];
const variableNames = [
  "EXT_SUFFIX",
  "SOABI",
  "Py_GIL_DISABLED",
  "Py_DEBUG",
  "Py_ENABLE_SHARED",
  "LIBDIR",
  "INSTSONAME",
  "LDLIBRARY",
  "PYTHONFRAMEWORKPREFIX",
  "WHEEL_PKG_DIR",
] as const;
type VariableName = (typeof variableNames)[number];

/** Longer than any path or `sys.version` that a system allows. */
const maxText = 16_384;

type Fields = Readonly<Record<string, unknown>>;

/** Checks the parsed JSON of a probe. Throws PYTHON_BROKEN naming the first field of a wrong type. */
export function checkAnswer(value: unknown): ProbeAnswer {
  const fields = record(value, "answer");
  const paths = record(fields["paths"], "paths");
  const variables = record(fields["variables"], "variables");
  return {
    executable: text(fields, "executable"),
    baseExecutable: optionalText(fields, "base_executable"),
    config: optionalText(fields, "config"),
    versionInfo: versionInfo(fields, "version_info"),
    fullVersion: text(fields, "full_version"),
    implementation: text(fields, "implementation"),
    implementationName: text(fields, "implementation_name"),
    implementationVersion: versionInfo(fields, "implementation_version"),
    ownVersion: numberPair(fields, "own_version"),
    cacheTag: optionalText(fields, "cache_tag") ?? "",
    platlibdir: text(fields, "platlibdir"),
    abiflags: text(fields, "abiflags"),
    pointerBits: bits(fields, "pointer_bits"),
    prefix: text(fields, "prefix"),
    basePrefix: text(fields, "base_prefix"),
    osName: text(fields, "os_name"),
    sysPlatform: text(fields, "sys_platform"),
    system: system(fields, "system"),
    platform: text(fields, "platform"),
    macVersion: optionalText(fields, "mac_version"),
    libc: optionalText(fields, "libc"),
    library: optionalText(fields, "library"),
    paths: Object.fromEntries(pathNames.map((name) => [name, text(paths, name)])) as Record<PathName, string>,
    variables: Object.fromEntries(variableNames.map((name) => [name, variable(variables, name)])) as Record<
      VariableName,
      string | number | undefined
    >,
  };
}

function wrong(field: string, wanted: string, value: unknown): PenError {
  const shown = excerpt(JSON.stringify(value) ?? "nothing", 40);
  return new PenError("PYTHON_BROKEN", "The interpreter's answer makes no sense", {
    why: `Its field '${field}' is ${shown}, not ${wanted}.`,
  });
}

function record(value: unknown, field: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(field, "an object", value);
  return value as Fields;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxText && !value.includes("\0");
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (!isText(value)) throw wrong(name, "text", value);
  // A name that is not UTF-8 arrives with lone surrogates: no program on JavaScript can open it.
  if (/\p{Surrogate}/u.test(value)) {
    throw new PenError("TARGET_UNSUPPORTED", "The interpreter lives in a folder whose name is not UTF-8", {
      why: `Its '${name}' is ${excerpt(value)}.`,
      hint: "Rename the folder, or install Python elsewhere.",
    });
  }
  return value;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return value === null || value === undefined || value === "" ? undefined : text(fields, name);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function variable(fields: Fields, name: string): string | number | undefined {
  const value = fields[name];
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "number" || isText(value)) return value;
  throw wrong(name, "text or a number", value);
}

function versionInfo(fields: Fields, name: string): VersionInfo {
  const value = fields[name];
  const [major, minor, micro, level, serial] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (isCount(major) && isCount(minor) && isCount(micro) && isText(level) && isCount(serial)) return [major, minor, micro, level, serial];
  throw wrong(name, "a version_info", value);
}

function numberPair(fields: Fields, name: string): readonly [number, number] {
  const value = fields[name];
  const [major, minor] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (isCount(major) && isCount(minor)) return [major, minor];
  throw wrong(name, "two numbers", value);
}

function bits(fields: Fields, name: string): 32 | 64 {
  const value = fields[name];
  if (value === 32 || value === 64) return value;
  throw wrong(name, "32 or 64", value);
}

function system(fields: Fields, name: string): ProbeAnswer["system"] {
  const value = fields[name];
  const [kind, release, version, machine] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (isText(kind) && isText(release) && isText(version) && isText(machine)) return [kind, release, version, machine];
  throw wrong(name, "four texts", value);
}
