import { join, resolve } from "node:path";
import { readBytesIfAny, type Host } from "#foundation";

/** The sections of an INI file, each with its keys in lower case. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The file that virtualenv reads, and what became of it. */
export interface ConfigFile {
  readonly path: string;
  /** True when `VIRTUALENV_CONFIG_FILE` names it. */
  readonly isNamed: boolean;
  readonly state: "active" | "missing" | "failed to parse";
  /** Why it could not be read. */
  readonly problem: string | undefined;
  /** The value of a key of `[virtualenv]`, or of `[DEFAULT]` beside it. */
  get(key: string): string | undefined;
}

const largest = 2 ** 20;

/** Reads `VIRTUALENV_CONFIG_FILE`, or `virtualenv.ini` in its usual place. Never throws: a file with a mistake counts as none, and says why. */
export function readConfigFile(host: Host): ConfigFile {
  const named = host.env["VIRTUALENV_CONFIG_FILE"];
  const isNamed = named !== undefined && named !== "";
  const path = isNamed ? resolve(host.cwd, named) : usualPlace(host);
  const failed = (problem: string): ConfigFile => ({ path, isNamed, state: "failed to parse", problem, get: () => undefined });
  try {
    const bytes = readBytesIfAny(path);
    if (bytes === undefined) return { path, isNamed, state: "missing", problem: undefined, get: () => undefined };
    if (bytes.length > largest) return failed("It is larger than 1 MiB.");
    const ini = parseIni(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof ini === "string") return failed(ini);
    const section = ini.get("virtualenv");
    const get = (key: string) => (section === undefined ? undefined : (section.get(key) ?? ini.get("DEFAULT")?.get(key)));
    return { path, isNamed, state: "active", problem: undefined, get };
  } catch (error) {
    return failed(error instanceof TypeError ? "It is not UTF-8." : error instanceof Error ? error.message : String(error));
  }
}

function usualPlace({ env, home, platform }: Host): string {
  if (platform === "win32") return `${env["LOCALAPPDATA"] ?? `${home}\\AppData\\Local`}\\pypa\\virtualenv\\virtualenv.ini`;
  if (platform === "darwin" && !env["XDG_CONFIG_HOME"]) return join(home, "Library", "Application Support", "virtualenv", "virtualenv.ini");
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "virtualenv", "virtualenv.ini");
}

/**
 * Reads INI text as Python's `configparser` does without interpolation: `key = value` or `key: value` under `[section]`; a line that is indented deeper
 * continues the value above; lines that begin with `#` or `;` are comments. The answer is a text when there is a mistake: what it is. Linear in time; never throws.
 */
export function parseIni(text: string): Ini | string {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let indent = 0;
  for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
    const content = line.trim();
    const where = `Line ${at + 1}`;
    if (/^[#;]/.test(content)) continue;
    if (content === "") {
      value?.push("");
      continue;
    }
    const depth = line.length - line.trimStart().length;
    if (value !== undefined && depth > indent) {
      value.push(content);
      continue;
    }
    indent = depth;
    value = undefined;
    const end = content.lastIndexOf("]");
    if (content.startsWith("[") && end > 1) {
      const name = content.slice(1, end);
      if (sections.has(name) && name !== "DEFAULT") return `${where}: the section [${name}] comes twice.`;
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    if (section === undefined) return `${where}: there is no [section] above it.`;
    const split = content.search(/[=:]/);
    const key = split < 0 ? "" : content.slice(0, split).trim().toLowerCase();
    if (key === "") return `${where}: it is no \`key = value\`.`;
    if (section.has(key)) return `${where}: the key ${key} comes twice.`;
    value = [content.slice(split + 1).trim()];
    section.set(key, value);
  }
  return new Map([...sections].map(([name, keys]) => [name, new Map([...keys].map(([key, lines]) => [key, lines.join("\n").trimEnd()]))]));
}
