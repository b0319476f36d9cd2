import {
  makeFolders,
  PenError,
  printableLine,
  realPath,
  statusOf,
  warn,
  writeAtomic,
  type Emit,
  type Host,
  dirname,
  resolve,
} from "#foundation";
import { pipName, scanIni, type Ini } from "#standards";
import { isProblem, readIni, setInIni, unsetInIni } from "./ini.ts";
import { readPipConfiguration, type PipConfiguration, type PipFile } from "./reading.ts";
import { pipPlaces, type PipFileKind } from "./places.ts";

/** Which file a person means. */
export type PipFileChoice = Exclude<PipFileKind, "env">;

export interface EditOptions {
  readonly host: Host;
  readonly environment: string | undefined;
  readonly isolated: boolean;
  readonly choice: PipFileChoice;
  readonly emit: Emit;
}

/** The file that is meant when nothing is said: that of the environment when it has one, else the person's own, as in pip. */
export function usualChoice(host: Host, environment: string | undefined): PipFileChoice {
  const [site] = pipPlaces(host, environment).files.find(([kind]) => kind === "site")?.[1] ?? [];
  return site !== undefined && statusOf(site) !== undefined ? "site" : "user";
}

/** The file to change, as pip chooses it. Errors: `INVALID_CONFIG` when there is none. */
export function fileToEdit(options: EditOptions, key?: string): { readonly path: string; readonly ini: Ini } {
  const { host, choice, environment, isolated, emit } = options;
  const configuration = readPipConfiguration({ host, environment, isolated, only: choice });
  if (configuration.places.isOff)
    throw new PenError("INVALID_CONFIG", "No configuration file can be changed while PIP_CONFIG_FILE is the null device", {
      hint: "Type: unset PIP_CONFIG_FILE",
    });
  const file = chosenFile(configuration, choice, key);
  if (file === undefined)
    throw new PenError(
      "INVALID_CONFIG",
      choice === "site" ? "There is no environment whose pip.conf could be changed" : "There is no such configuration file",
      {
        why:
          choice === "user" && isolated
            ? "--isolated leaves your own file out."
            : "The site file is the pip.conf of a virtual environment.",
        hint: choice === "site" ? "Make one with `pen venv`, or name one with --python PATH." : "Leave --isolated away.",
      },
    );
  if (file.kind === "env" && choice === "user")
    warn(emit, "config-redirected", `Because PIP_CONFIG_FILE is set, ${printableLine(file.path)} is changed, and not your own file.`);
  return { path: resolve(host.cwd, file.path), ini: file.ini ?? scanIni("", pipName) };
}

/** The strongest file that has the key, else the strongest of all. */
function chosenFile({ files }: PipConfiguration, choice: PipFileChoice, key: string | undefined): PipFile | undefined {
  const own = files.filter(({ kind }) => kind === choice);
  const candidates = own.length === 0 && choice === "user" ? files.filter(({ kind }) => kind === "env") : own;
  const holding =
    key === undefined ? undefined : candidates.findLast(({ items }) => items.some(({ section, name }) => `${section}.${name}` === key));
  return holding ?? candidates.at(-1);
}

/** Sets one key, keeps everything else in the file as it is, and gives its path. Errors: `USAGE`, `INVALID_CONFIG`, `FILE_SYSTEM`. */
export function setPipValue(options: EditOptions, key: string, value: string): string {
  const { section, name } = splitKey(key);
  if (/[\r\n\]]/.test(section) || section.trim() !== section || section === "" || /[=:\s]/.test(name) || /^[#;[]/.test(name) || name === "")
    throw new PenError("USAGE", `${printableLine(key)} cannot be a key of pip's configuration`, {
      why: "The file would not be understood any more.",
      hint: "Write SECTION.OPTION, for example: global.index-url or install.no-deps",
    });
  const { path, ini } = fileToEdit(options);
  const text = setInIni(ini, section, name, value);
  checkHolds(text, { path, section, name, value });
  save(path, text);
  return path;
}

/** Takes one key away and gives the file's path. Errors: `NOT_CONFIGURED`, `INVALID_CONFIG`, `FILE_SYSTEM`. */
export function unsetPipValue(options: EditOptions, key: string): string {
  const { section, name } = splitKey(key);
  const { path, ini } = fileToEdit(options, `${section}.${name}`);
  if (ini.options.every((option) => option.section !== section || option.name !== name)) throw noSuchKey(key);
  save(path, unsetInIni(ini, section, name));
  return path;
}

export const noSuchKey = (key: string): PenError =>
  new PenError("NOT_CONFIGURED", `No such key - ${printableLine(key)}`, { hint: "See what there is: pen pip config list", data: { key } });

/** `global.index-url` → section and name, both as pip compares them. Throws `NOT_CONFIGURED`, as pip has it. */
export function splitKey(key: string): { readonly section: string; readonly name: string } {
  const normal = pipName(key);
  const dot = normal.indexOf(".");
  if (dot >= 0) return { section: normal.slice(0, dot), name: normal.slice(dot + 1) };
  throw new PenError("NOT_CONFIGURED", "Key does not contain dot separated section and key", {
    hint: `Perhaps you wanted to use 'global.${printableLine(key)}' instead?`,
  });
}

/** What is written must be read again as the same: a value may look like a comment or a section. */
function checkHolds(text: string, { path, section, name, value }: { path: string; section: string; name: string; value: string }): void {
  const ini = readIni(text);
  const found = isProblem(ini) ? undefined : ini.options.find((option) => option.section === section && option.name === name)?.value;
  const plain = (words: string): string =>
    words
      .split("\n")
      .map((line) => line.trim())
      .join("\n")
      .trim();
  if (found !== undefined && plain(found) === plain(value)) return;
  throw new PenError("USAGE", "This value cannot stand in a configuration file", {
    why: `${printableLine(path)} would be read differently afterwards.`,
    hint: "Values of several lines must not hold lines that begin with # or ;",
  });
}

/** A link to a file that is kept elsewhere stays a link; a file that others must not read stays so. */
function save(path: string, text: string): void {
  makeFolders(dirname(path));
  const present = statusOf(path) === undefined ? undefined : realPath(path);
  const mode = present === undefined ? undefined : statusOf(present)?.mode;
  writeAtomic(present ?? path, text, mode === undefined ? {} : { mode: mode & 0o7777 });
}
