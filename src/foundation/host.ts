import { os } from "./builtins.ts";
import { readText } from "./files.ts";

/**
 * The machine as pen sees it. Read once at the edge and passed as a value, so that no room reads
 * `process.env` or the working directory by itself.
 */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: "linux" | "darwin" | "win32" | "other";
  /** Node's name of the processor: x64, arm64, ia32, … */
  readonly arch: string;
  readonly cwd: string;
  readonly home: string;
  readonly tmp: string;
  readonly pid: number;
  /** Effective user id; -1 where there is none (Windows). */
  readonly uid: number;
  /** The path of pen's own executable. */
  readonly executable: string;
  /** The present, in milliseconds since 1970. Only for ages and time-outs. */
  now(): number;
}

/** Reads the running process into a {@link Host}; `overrides` replace single fields (tests, libraries). */
export function readHost(overrides: Partial<Host> = {}): Host {
  const env = overrides.env ?? process.env;
  const platform = process.platform;
  return {
    env,
    platform: platform === "linux" || platform === "darwin" || platform === "win32" ? platform : "other",
    arch: process.arch,
    cwd: overrides.cwd ?? process.cwd(),
    home: env["HOME"] || env["USERPROFILE"] || homedirOrRoot(),
    tmp: env["TMPDIR"] || (platform === "win32" ? os().tmpdir() : env["TMP"] || env["TEMP"] || "/tmp"),
    pid: process.pid,
    uid: typeof process.geteuid === "function" ? process.geteuid() : -1,
    executable: process.execPath,
    now: Date.now,
    ...overrides,
  };
}

function homedirOrRoot(): string {
  try {
    return os().homedir() || os().userInfo().homedir;
  } catch {
    return "/";
  }
}

/** Release and version of the kernel, as `uname -rv` prints them. On Linux two small files tell it, for a tenth of what loading `node:os` costs. */
export function kernelText(): string {
  if (process.platform === "linux") {
    try {
      return `${readText("/proc/sys/kernel/osrelease").trimEnd()} ${readText("/proc/sys/kernel/version").trimEnd()}`;
    } catch {
      // No /proc here.
    }
  }
  return `${os().release()} ${os().version()}`;
}

/** For how long the machine has been running, in milliseconds. */
export const uptime = (): number => os().uptime() * 1000;

/** pen's folder for caches: `PEN_CACHE_DIR`, else the platform's usual place. */
export function cacheDir(host: Host): string {
  const chosen = host.env["PEN_CACHE_DIR"];
  if (chosen) return chosen;
  if (host.platform === "win32") return `${host.env["LOCALAPPDATA"] ?? `${host.home}\\AppData\\Local`}\\pen\\cache`;
  if (host.platform === "darwin") return `${host.home}/Library/Caches/pen`;
  return `${host.env["XDG_CACHE_HOME"] || `${host.home}/.cache`}/pen`;
}

/** pen's folder for data that must not be lost (managed Pythons, named environments): `PEN_DATA_DIR`, else the platform's usual place. */
export function dataDir(host: Host): string {
  const chosen = host.env["PEN_DATA_DIR"];
  if (chosen) return chosen;
  if (host.platform === "win32") return `${host.env["APPDATA"] ?? `${host.home}\\AppData\\Roaming`}\\pen`;
  if (host.platform === "darwin") return `${host.home}/Library/Application Support/pen`;
  return `${host.env["XDG_DATA_HOME"] || `${host.home}/.local/share`}/pen`;
}
