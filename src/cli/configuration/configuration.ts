import { pathExists, PenError, printableLine, type Emit, type Host } from "#foundation";
import type { Parsed } from "../arguments/types.ts";
import type { SeedConfiguration } from "./seed.ts";

/** What the person's own configuration file says, by section. A section that the file does not have is undefined. */
export interface Configuration {
  readonly seed?: SeedConfiguration;
}

/**
 * Reads what the person's own file says beside options: what goes into new environments. Projects have no say in it. Costs one look where there is no
 * file. Errors: `INVALID_CONFIG` with file and line.
 */
export async function loadConfiguration(
  parsed: Parsed,
  { host, emit }: { readonly host: Host; readonly emit: Emit },
): Promise<Configuration> {
  if (isWithoutConfiguration(parsed)) return {};
  const file = configurationFile(host, parsed);
  if (file === undefined) return {};
  const { readConfiguration } = await import("./reading.ts");
  return readConfiguration(file, emit);
}

/** `--no-config`, and pip's `--isolated`, for the commands that have it. */
export const isWithoutConfiguration = (parsed: Parsed): boolean =>
  (parsed.knows("no-config") && parsed.flag("no-config")) || (parsed.knows("isolated") && parsed.flag("isolated"));

/**
 * The person's own file: the one that is named, else `pen/pen.toml` in `XDG_CONFIG_HOME` or `~/.config` (`APPDATA` on Windows); undefined when there is
 * none. Errors: `INVALID_CONFIG` when the one that is named is missing.
 */
export function configurationFile(host: Host, parsed: Parsed): string | undefined {
  const named = parsed.value("config-file");
  const file = named === undefined || named === "" ? usualFile(host) : named.startsWith("/") ? named : `${host.cwd}/${named}`;
  if (file !== undefined && pathExists(file)) return file;
  if (named === undefined || named === "") return undefined;
  throw new PenError("INVALID_CONFIG", `There is no configuration file ${printableLine(file ?? named)}`, {
    why: "--config-file or the variable PEN_CONFIG_FILE names it.",
    hint: "Correct the name, or leave it away.",
    data: { path: file ?? named },
  });
}

/** Where the person's own file is looked for when none is named. */
export function usualFile({ env, home, platform }: Host): string | undefined {
  if (platform === "win32") {
    const folder = env["APPDATA"] ?? (home === "" ? undefined : `${home}\\AppData\\Roaming`);
    return folder === undefined ? undefined : `${folder}\\pen\\pen.toml`;
  }
  const chosen = env["XDG_CONFIG_HOME"];
  // The specification has relative paths ignored.
  return `${chosen?.startsWith("/") === true ? chosen : `${home}/.config`}/pen/pen.toml`;
}
