import { isFolder, isPenError, readBytesIfAny, statusOf, targetStatusOf, type Host, isAbsolute, join, resolve } from "#foundation";
import { iniValues, truthOf } from "./ini.ts";

/** Where pip looks for its configuration, in the order in which a later file wins. */
export interface PipFiles {
  readonly global: readonly string[];
  /** The old place of the user's own file, then the new one. */
  readonly user: readonly string[];
  /** What `PIP_CONFIG_FILE` names: it is read instead of the user's own, when it is there. */
  readonly named: string | undefined;
  /** True when pip is told to read none at all. */
  readonly none: boolean;
}

export function pipFiles({ env, home, platform, cwd }: Host): PipFiles {
  const named = env["PIP_CONFIG_FILE"] ? resolve(cwd, env["PIP_CONFIG_FILE"]) : undefined;
  const none = named === (platform === "win32" ? resolve(cwd, "nul") : "/dev/null");
  if (platform === "win32") {
    const data = env["APPDATA"] || join(home, "AppData", "Roaming");
    const shared = env["ProgramData"] || "C:\\ProgramData";
    return { global: [join(shared, "pip", "pip.ini")], user: [join(home, "pip", "pip.ini"), join(data, "pip", "pip.ini")], named, none };
  }
  const old = join(home, ".pip", "pip.conf");
  if (platform === "darwin") {
    const own = join(home, "Library", "Application Support", "pip");
    const folder = isFolder(own) ? own : join(home, ".config", "pip");
    return { global: ["/Library/Application Support/pip/pip.conf"], user: [old, join(folder, "pip.conf")], named, none };
  }
  const shared = (env["XDG_CONFIG_DIRS"] || "/etc/xdg").split(":").filter(isAbsolute);
  return {
    global: [...shared.map((folder) => join(folder, "pip", "pip.conf")), "/etc/pip.conf"],
    user: [old, join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "pip", "pip.conf")],
    named,
    none,
  };
}

/** The user's files that pip reads in this shell and that can be changed; the last one may not be there yet. */
export function changeablePipFiles(host: Host): readonly string[] {
  const { user, named, none } = pipFiles(host);
  const standing = user.filter((path) => statusOf(path) !== undefined);
  const own = standing.length === 0 ? user.slice(-1) : standing;
  if (none || named === undefined || own.includes(named)) return own;
  const status = targetStatusOf(named);
  return status?.kind === "file" && (status.owner === host.uid || host.uid < 0) ? [named, ...own] : own;
}

/** A setting of pip, with the file or the variable that says so. */
export interface PipSetting {
  readonly value: boolean;
  readonly source: string;
}

/**
 * What `pip install` of the Python at `prefix` takes for a setting (`require-virtualenv`), as pip itself works it out: files, then the
 * section of the command over `[global]`, then the variable. Undefined where nothing says it.
 */
export function pipSetting(name: string, prefix: string, host: Host): PipSetting | undefined {
  const { global, user, named, none } = pipFiles(host);
  const site = join(prefix, host.platform === "win32" ? "pip.ini" : "pip.conf");
  const isNamed = named !== undefined && targetStatusOrNone(named) !== undefined;
  const files = none ? [] : [...global, ...(isNamed ? [] : user), site, ...(isNamed ? [named] : [])];
  const found = new Map<string, PipSetting>();
  for (const file of files) {
    for (const { section, value } of iniValues(iniText(file) ?? "", name)) {
      const truth = truthOf(value);
      if (truth !== undefined) found.set(section, { value: truth, source: file });
    }
  }
  const variable = `PIP_${name.toUpperCase().replaceAll("-", "_")}`;
  const told = truthOf(host.env[variable] ?? "");
  if (told !== undefined) return { value: told, source: variable };
  return found.get("install") ?? found.get("global");
}

function targetStatusOrNone(path: string): ReturnType<typeof targetStatusOf> {
  try {
    return targetStatusOf(path);
  } catch {
    return undefined;
  }
}

/** A configuration file as bytes in a text; undefined when it is missing or may not be read. */
function iniText(path: string): string | undefined {
  try {
    const bytes = readBytesIfAny(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1");
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}
