import { readBytesIfAny, type Host, join, resolve } from "#foundation";
import { scanIni } from "#standards";

/** The sections of an INI file, each with its keys in lower case. */
type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

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

/** The options of INI text by section, keys in lower case. The answer is a text when there is a mistake: what it is. Never throws. */
export function parseIni(text: string): Sections | string {
  const { headers, options, problems } = scanIni(text, (key) => key.toLowerCase());
  const [first] = problems;
  if (first !== undefined) return `Line ${first.line}: ${first.problem.charAt(0).toLowerCase()}${first.problem.slice(1)}`;
  const sections = new Map(headers.map(({ section }) => [section, new Map<string, string>()]));
  for (const { section, name, value } of options) sections.get(section)?.set(name, value);
  return sections;
}
