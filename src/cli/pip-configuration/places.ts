import { join } from "#foundation";
import type { Host } from "#foundation";

/** pip's words for where a setting comes from, weakest first. `env` is the file that `PIP_CONFIG_FILE` names. */
export type PipFileKind = "global" | "user" | "site" | "env";

export interface PipPlaces {
  /** By kind, in the order in which later files win. */
  readonly files: ReadonlyArray<readonly [kind: PipFileKind, paths: readonly string[]]>;
  /** `PIP_CONFIG_FILE`, when it is set. */
  readonly named: string | undefined;
  /** `PIP_CONFIG_FILE` is the null device: no file counts, as in pip. */
  readonly isOff: boolean;
}

/**
 * Where pip looks for its configuration on this machine. `environment` is the folder of the virtual environment that is worked in, whose `pip.conf` is
 * the site file. Nothing in the working folder or a project is among them.
 */
export function pipPlaces(host: Host, environment: string | undefined): PipPlaces {
  const named = host.env["PIP_CONFIG_FILE"];
  const site = environment === undefined ? [] : [join(environment, fileName(host))];
  return {
    files: [
      ["global", globalFiles(host)],
      ["user", userFiles(host)],
      ["site", site],
      ["env", named === undefined || named === "" ? [] : [named]],
    ],
    named: named === "" ? undefined : named,
    isOff: named === (host.platform === "win32" ? "nul" : "/dev/null"),
  };
}

/** A place as a path that does not depend on where it is looked up. */
export const absolutePlace = (path: string, { cwd }: Host): string =>
  path.startsWith("/") || /^[A-Za-z]:/.test(path) ? path : `${cwd}/${path}`;

const fileName = ({ platform }: Host): string => (platform === "win32" ? "pip.ini" : "pip.conf");

function globalFiles({ env, platform }: Host): string[] {
  if (platform === "win32") return [`${env["ProgramData"] ?? "C:\\ProgramData"}\\pip\\pip.ini`];
  if (platform === "darwin") return ["/Library/Application Support/pip/pip.conf"];
  const folders = (env["XDG_CONFIG_DIRS"] || "/etc/xdg").split(":").filter((folder) => folder.startsWith("/"));
  return [...folders.map((folder) => join(folder, "pip", "pip.conf")), "/etc/pip.conf"];
}

/** The old place first: the new one wins. */
function userFiles({ env, home, platform }: Host): string[] {
  if (platform === "win32") return [`${home}\\pip\\pip.ini`, `${env["APPDATA"] ?? `${home}\\AppData\\Roaming`}\\pip\\pip.ini`];
  const chosen = env["XDG_CONFIG_HOME"];
  const folder = chosen?.startsWith("/") === true ? chosen : join(home, ".config");
  return [join(home, ".pip", "pip.conf"), join(folder, "pip", "pip.conf")];
}
