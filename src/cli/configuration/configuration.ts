import { pathExists, PenError, printableLine, type Emit, type Host } from "#foundation";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import type { SeedConfiguration } from "./seed.ts";

/** What the person's own configuration file says, by section. A section that the file does not have is undefined. */
export interface Configuration {
  readonly seed?: SeedConfiguration;
}

/** The options with which a command says which file to read. */
export const configurationOptions: readonly OptionSpec[] = [
  {
    name: "config-file",
    kind: "value",
    metavar: "FILE",
    variable: "PEN_CONFIG_FILE",
    help: "Read this configuration file instead of ~/.config/pen/pen.toml.",
  },
  { name: "no-config", aliases: ["isolated"], kind: "flag", variable: "PEN_NO_CONFIG", help: "Read no configuration file." },
];

/**
 * Reads the configuration that the options mean: the file that is named, else `pen/pen.toml` in `XDG_CONFIG_HOME` or `~/.config` (`APPDATA` on Windows).
 * Files of projects are never read: whoever made a folder must not say what is installed for you. Costs one look where there is no file. Errors:
 * `INVALID_CONFIG` with file and line.
 */
export async function loadConfiguration(
  parsed: Parsed,
  { host, emit }: { readonly host: Host; readonly emit: Emit },
): Promise<Configuration> {
  if (parsed.flag("no-config")) return {};
  const named = parsed.value("config-file");
  const file = named === undefined || named === "" ? usualFile(host) : named.startsWith("/") ? named : `${host.cwd}/${named}`;
  if (file === undefined || !pathExists(file)) {
    if (named === undefined || named === "") return {};
    throw new PenError("INVALID_CONFIG", `There is no configuration file ${printableLine(file ?? named)}`, {
      why: "--config-file or the variable PEN_CONFIG_FILE names it.",
      hint: "Correct the name, or leave it away.",
      data: { path: file ?? named },
    });
  }
  const { readConfiguration } = await import("./reading.ts");
  return readConfiguration(file, emit);
}

function usualFile({ env, home, platform }: Host): string | undefined {
  if (platform === "win32") {
    const folder = env["APPDATA"] ?? (home === "" ? undefined : `${home}\\AppData\\Roaming`);
    return folder === undefined ? undefined : `${folder}\\pen\\pen.toml`;
  }
  const chosen = env["XDG_CONFIG_HOME"];
  // The specification has relative paths ignored.
  return `${chosen?.startsWith("/") === true ? chosen : `${home}/.config`}/pen/pen.toml`;
}
