import { isPenError, pathExists, PenError, printableLine, readBytes, targetStatusOf, type Host } from "#foundation";
import { pipName, type Ini } from "#standards";
import { iniItems, isProblem, readIni } from "./ini.ts";
import { absolutePlace, pipPlaces, type PipFileKind, type PipPlaces } from "./places.ts";

/** One value that pip's configuration holds. */
export interface PipItem {
  /** `global`, the name of a command, or `:env:`. */
  readonly section: string;
  /** As pip compares it. */
  readonly name: string;
  readonly value: string;
  /** The file and line, or the variable: for people. */
  readonly origin: string;
  /** The variable, as it is written. */
  readonly variable?: string;
}

/** One file that was looked for. */
export interface PipFile {
  readonly kind: PipFileKind;
  readonly path: string;
  readonly exists: boolean;
  /** Undefined when it does not exist, or is not read. */
  readonly ini: Ini | undefined;
  readonly items: readonly PipItem[];
}

/** All that was read, weakest file first. */
export interface PipConfiguration {
  readonly places: PipPlaces;
  readonly files: readonly PipFile[];
  /** The `PIP_*` variables; none when isolated. */
  readonly variables: readonly PipItem[];
}

export interface ReadOptions {
  readonly host: Host;
  /** The folder of the virtual environment that is worked in. */
  readonly environment: string | undefined;
  /** `--isolated`: neither variables nor the person's own file. */
  readonly isolated: boolean;
  /** Read only the file of this kind (`pip config --user`). */
  readonly only?: PipFileKind | undefined;
}

/** More is no configuration that a person wrote. */
const longest = 1_000_000;

/** Reads pip's configuration as pip does. Errors: `INVALID_CONFIG` with file and line. */
export function readPipConfiguration({ host, environment, isolated, only }: ReadOptions): PipConfiguration {
  const places = pipPlaces(host, environment);
  const namedExists = places.named !== undefined && pathExists(absolutePlace(places.named, host));
  const files = places.files.flatMap(([kind, paths]) =>
    paths.flatMap((path): PipFile[] => {
      if (kind === "user" && (isolated || namedExists)) return [];
      // A folder that may not be looked into holds none: the home folder of another user, as pip sees it.
      const exists = pathExists(absolutePlace(path, host));
      const isWanted = only === undefined || only === kind || (only === "user" && kind === "env");
      if (!exists || places.isOff || !isWanted) return [{ kind, path, exists, ini: undefined, items: [] }];
      const ini = readIniFile(absolutePlace(path, host));
      return [{ kind, path, exists, ini, items: ini === undefined ? [] : itemsOf(ini, path) }];
    }),
  );
  return { places, files, variables: isolated ? [] : variablesOf(host) };
}

const itemsOf = (ini: Ini, path: string): PipItem[] =>
  iniItems(ini).map(({ section, name, value, from }) => ({
    section,
    name,
    value,
    origin: `${printableLine(path)}, line ${from + 1}, ${printableLine(name)} in [${printableLine(section)}]`,
  }));

/** The text of a configuration file, parsed; undefined for what pip passes over: a folder, or a file that may not be read. Errors: `INVALID_CONFIG`. */
function readIniFile(path: string): Ini | undefined {
  const refuse = (why: string): PenError =>
    new PenError("INVALID_CONFIG", `pip's configuration file ${printableLine(path)} could not be loaded`, {
      why,
      hint: "Correct it, or go without any file once: PIP_CONFIG_FILE=/dev/null",
      data: { path },
    });
  const status = targetStatusOf(path);
  if (status?.kind !== "file") return undefined;
  if (status.size > longest) throw refuse("It is larger than a megabyte.");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readBytes(path));
  } catch (error) {
    if (error instanceof TypeError) throw refuse("It contains bytes that are not UTF-8.");
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
  const ini = readIni(text);
  if (isProblem(ini)) throw refuse(`Line ${ini.line}: ${printableLine(ini.problem)}`);
  return ini;
}

/** Names that pip does not take for settings. */
const passedOver: ReadonlySet<string> = new Set(["version", "help"]);

function variablesOf({ env }: Host): PipItem[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    if (!variable.startsWith("PIP_") || value === undefined) return [];
    const short = variable.slice(4).toLowerCase();
    if (passedOver.has(short)) return [];
    return [{ section: ":env:", name: pipName(short), value, origin: `the variable ${printableLine(variable)}`, variable }];
  });
}

/**
 * What counts for one command, in the order in which later ones win: `[global]`, the command's own section, the variables. In a
 * section the stronger file wins; an empty value takes the weaker one away.
 */
export function itemsFor({ files, variables }: PipConfiguration, command: string): PipItem[] {
  return ["global", command]
    .flatMap((section) => merged(files.flatMap(({ items }) => items.filter((item) => item.section === section))))
    .concat(merged(variables));
}

function merged(items: readonly PipItem[]): PipItem[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  return [...byName.values()].filter(({ value }) => value !== "");
}
