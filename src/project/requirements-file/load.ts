import {
  isPenError,
  pathExists,
  PenError,
  printableLine,
  readBytes,
  redactUrl,
  type Host,
  fileURLToPath,
  dirname,
  resolve,
} from "#foundation";
import { combineFileOptions } from "./options.ts";
import { originText, parseRequirementsText } from "./parse.ts";
import type { FileOptions, LineOrigin, LoadedRequirements, RequirementEntry } from "./types.ts";

export interface LoadOptions {
  readonly host: Host;
  /** Gets the text behind an `http(s):` URL. */
  readonly fetchText: (url: string) => Promise<string>;
  /** Gets the text for the place `-` (standard input). */
  readonly readInput?: () => Promise<string>;
}

/**
 * Reads requirements and constraints files with everything they include (`-r`, `-c`), files and URLs alike. A file that
 * includes itself, over whatever way, is an error (`REQUIREMENTS_FILE`) that shows the circle.
 */
export async function loadRequirements(
  files: readonly string[],
  constraintFiles: readonly string[],
  options: LoadOptions,
): Promise<LoadedRequirements> {
  const loader: Loader = { options, requirements: [], constraints: [], read: new Set(), fileOptions: [] };
  const root = { file: "the command line", line: 0 };
  for (const file of files)
    await load(loader, { place: toPlace(file, options.host.cwd), shown: file }, { constraint: false, chain: [], from: root });
  for (const file of constraintFiles)
    await load(loader, { place: toPlace(file, options.host.cwd), shown: file }, { constraint: true, chain: [], from: root });
  return { requirements: loader.requirements, constraints: loader.constraints, options: combineFileOptions(loader.fileOptions) };
}

interface Loader {
  readonly options: LoadOptions;
  readonly requirements: RequirementEntry[];
  readonly constraints: RequirementEntry[];
  /** What was read already: a file that is named twice says nothing new, and files that name each other twice would double each time. */
  readonly read: Set<string>;
  readonly fileOptions: Array<Partial<FileOptions>>;
}

interface Visit {
  readonly constraint: boolean;
  /** The places that led here, outermost first. */
  readonly chain: readonly string[];
  readonly from: LineOrigin;
}

interface NamedPlace {
  readonly place: string;
  /** As written, for messages. */
  readonly shown: string;
}

const isUrl = (place: string): boolean => /^https?:/i.test(place);
const isFileUrl = (place: string): boolean => /^file:/i.test(place);

/** No honest set of files is nested deeper; a server could make up names without end. */
const deepest = 100;

function toPlace(text: string, folder: string): string {
  if (text === "-") return text;
  try {
    if (isUrl(text)) return new URL(text).href;
    return isFileUrl(text) ? fileURLToPath(text) : resolve(folder, text);
  } catch (error) {
    throw new PenError("REQUIREMENTS_FILE", `Not a URL of a requirements file: ${printableLine(redactUrl(text))}`, { cause: error });
  }
}

async function load(loader: Loader, named: NamedPlace, visit: Visit): Promise<void> {
  const { place } = named;
  if (visit.chain.includes(place)) throw circleError([...visit.chain, place]);
  if (visit.chain.length >= deepest) throw depthError(visit.from);
  const key = `${visit.constraint ? "c" : "r"} ${place}`;
  if (loader.read.has(key)) return;
  loader.read.add(key);
  const shown = redactUrl(named.shown);
  const { host } = loader.options;
  const text = await readPlace(place, loader.options, visit.from);
  for (const line of parseRequirementsText(text, { file: shown, folder: host.cwd, variables: host.env })) {
    switch (line.kind) {
      case "requirement":
        (visit.constraint ? loader.constraints : loader.requirements).push(line.entry);
        break;
      case "option":
        loader.fileOptions.push(withPlaces(line.option, place, host.cwd));
        break;
      case "include": {
        const inner = includedPlace(line.place, place, host.cwd);
        const next = { constraint: visit.constraint || line.constraint, chain: [...visit.chain, place], from: line.origin };
        await load(loader, { place: inner, shown: line.place }, next);
      }
    }
  }
}

/** A nested file stands relative to the file that names it. */
function includedPlace(text: string, parent: string, cwd: string): string {
  if (!isUrl(parent) || isUrl(text) || isFileUrl(text)) return toPlace(text, parent === "-" || isUrl(parent) ? cwd : dirname(parent));
  return toPlace(URL.canParse(text, parent) ? new URL(text, parent).href : `https:${text}`, cwd);
}

/** A relative `--find-links` folder is meant relative to the file when it exists there, else to the working directory (as pip has it). */
function withPlaces(option: Partial<FileOptions>, place: string, cwd: string): Partial<FileOptions> {
  if (option.findLinks === undefined) return option;
  const absolute = (link: string): string => {
    const beside = isUrl(place) || place === "-" ? undefined : resolve(dirname(place), link);
    return beside !== undefined && pathExists(beside) ? beside : resolve(cwd, link);
  };
  return { ...option, findLinks: option.findLinks.map((link) => (/^[a-z][a-z0-9+.-]*:/i.test(link) ? link : absolute(link))) };
}

async function readPlace(place: string, options: LoadOptions, from: LineOrigin): Promise<string> {
  if (isUrl(place)) return options.fetchText(place);
  if (place === "-") return (await options.readInput?.()) ?? "";
  try {
    return decode(readBytes(place), place);
  } catch (error) {
    if (isPenError(error, "REQUIREMENTS_FILE")) throw error;
    throw new PenError("REQUIREMENTS_FILE", `Could not open the requirements file ${printableLine(place)}`, {
      why: `${isPenError(error) && error.why !== undefined ? error.why : String(error)}.${
        from.line === 0 ? "" : ` It is named in ${originText(from)}.`
      }`,
      hint: "Check the path; a relative path after -r inside a file is meant relative to that file.",
      data: { file: place },
      cause: error,
    });
  }
}

/** By byte order mark, else by a PEP 263 comment in the first two lines, else UTF-8. */
function decode(bytes: Uint8Array, place: string): string {
  const marked = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 400)).split("\n", 2);
  const comment = head.find((line) => /^#.*coding[:=]\s*[-\w.]/.test(line)) ?? "";
  const named = marked.startsWith("fffe")
    ? "utf-16le"
    : marked.startsWith("feff")
      ? "utf-16be"
      : pythonEncoding(marked.startsWith("efbbbf") ? "utf-8" : (/coding[:=]\s*([-\w.]+)/.exec(comment)?.[1] ?? "utf-8"));
  try {
    if (marked === "fffe0000" || marked === "0000feff") throw new RangeError("UTF-32");
    return new TextDecoder(named, { fatal: true }).decode(bytes);
  } catch {
    throw new PenError("REQUIREMENTS_FILE", `${printableLine(place)} is not text in ${printableLine(named)}`, {
      hint: "Save the file as UTF-8.",
      data: { file: place },
    });
  }
}

/** Python's names for encodings that the Web has under another. */
function pythonEncoding(name: string): string {
  const plain = name.toLowerCase().replaceAll("_", "-");
  if (/^(latin-?1|iso-?latin-1|iso-?8859-1|l1)(-(unix|dos|mac))?$/.test(plain)) return "latin1";
  return plain === "utf-8-sig" ? "utf-8" : plain;
}

function depthError(from: LineOrigin): PenError {
  return new PenError("REQUIREMENTS_FILE", `Requirements files are nested more than ${deepest} deep`, {
    why: `The last of them is ${printableLine(originText(from))}.`,
    hint: "Remove one of the -r or -c lines.",
  });
}

function circleError(chain: readonly string[]): PenError {
  return new PenError("REQUIREMENTS_FILE", "Requirements files include each other in a circle", {
    why: chain.map((place) => printableLine(redactUrl(place))).join("\n  includes "),
    hint: "Remove one of the -r or -c lines.",
  });
}
