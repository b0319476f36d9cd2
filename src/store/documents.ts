import { isPenError } from "#foundation";
import {
  type EntryPoint,
  type RecordEntry,
  type WheelFilename,
  parseEntryPoints,
  parseMetadata,
  parseRecord,
  sameVersion,
  tryNormalizeName,
  tryParseVersion,
  validateScriptEntryPoint,
} from "#standards";
import type { Refuse, WheelRule } from "./invalid.ts";
import { type WheelLayout, protectedScript } from "./layout.ts";

/** What RECORD promises of a file. */
export interface Promised {
  readonly hash?: { readonly algorithm: string; readonly digest: string };
  readonly size?: number;
}

/** The files of the `.dist-info` folder that say what the wheel is, checked. */
export interface WheelDocuments {
  readonly rootIsPurelib: boolean;
  /** By the name of the member. Every file of the wheel has one, but for RECORD itself. */
  readonly record: ReadonlyMap<string, Promised>;
  /** `console_scripts` and `gui_scripts`. */
  readonly scripts: readonly EntryPoint[];
}

/** The texts of the documents; undefined where the wheel has none. */
export interface DocumentTexts {
  readonly metadata: Uint8Array | undefined;
  readonly wheel: Uint8Array | undefined;
  readonly record: Uint8Array | undefined;
  readonly entryPoints: Uint8Array | undefined;
}

interface Context {
  readonly filename: WheelFilename;
  readonly layout: WheelLayout;
  readonly refuse: Refuse;
}

/** Reads and checks METADATA, WHEEL, RECORD and entry_points.txt. Throws INVALID_WHEEL. */
export function readDocuments(texts: DocumentTexts, context: Context): WheelDocuments {
  const { refuse, layout } = context;
  if (texts.wheel === undefined) throw refuse("missing-wheel-file", "It has no WHEEL file.");
  if (texts.metadata === undefined) throw refuse("missing-metadata", "It has no METADATA file.");
  if (texts.record === undefined) throw refuse("missing-record", "It has no RECORD file.");
  const rootIsPurelib = readWheelFile(decode(texts.wheel, "wheel-file-malformed", `${layout.distInfo}/WHEEL`, refuse), context);
  checkMetadata(decode(texts.metadata, "metadata-malformed", `${layout.distInfo}/METADATA`, refuse), context);
  const record = readRecord(decode(texts.record, "record-malformed", `${layout.distInfo}/RECORD`, refuse), context);
  const scripts =
    texts.entryPoints === undefined
      ? []
      : readScripts(decode(texts.entryPoints, "entry-points-malformed", `${layout.distInfo}/entry_points.txt`, refuse), context);
  return { rootIsPurelib, record, scripts };
}

// Made on first use: a decoder costs milliseconds, and most commands read no wheel.
let strict: TextDecoder | undefined;
let lenient: TextDecoder | undefined;

function decode(bytes: Uint8Array, rule: WheelRule, member: string, refuse: Refuse): string {
  // Old tools wrote the description in whatever encoding they found; names and versions are ASCII all the same.
  if (rule === "metadata-malformed") return (lenient ??= new TextDecoder("utf-8")).decode(bytes);
  try {
    return (strict ??= new TextDecoder("utf-8", { fatal: true })).decode(bytes);
  } catch {
    throw refuse(rule, "It is not UTF-8.", { member });
  }
}

/** Runs a parser of #standards and turns its complaint into one about the wheel. */
function parsed<T>(parse: () => T, rule: WheelRule, member: string, refuse: Refuse): T {
  try {
    return parse();
  } catch (error) {
    if (!isPenError(error)) throw error;
    throw refuse(rule, `${error.message}. ${error.why ?? ""}`.trim(), { member });
  }
}

/** The headers of WHEEL; true when Root-Is-Purelib. */
function readWheelFile(text: string, { refuse, layout }: Context): boolean {
  const member = `${layout.distInfo}/WHEEL`;
  const headers = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    if (line.trim() === "") continue;
    if (colon < 0) throw refuse("wheel-file-malformed", "A line is not of the form 'Key: value'.", { member });
    const key = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if ((key === "wheel-version" || key === "root-is-purelib") && headers.has(key) && headers.get(key) !== value)
      throw refuse("wheel-file-malformed", `It says two things about ${key}.`, { member });
    headers.set(key, value);
  }
  const version = headers.get("wheel-version");
  if (version === undefined || !/^\d{1,9}\.\d{1,9}$/.test(version))
    throw refuse("wheel-file-malformed", "It has no readable Wheel-Version.", { member });
  if (!version.startsWith("1."))
    throw refuse("unsupported-wheel-version", `It is written for version ${version} of the format; this program knows 1.x.`, {
      member,
      hint: "Use a newer pen, or ask for an older wheel.",
    });
  return (headers.get("root-is-purelib") ?? "").toLowerCase() === "true";
}

function checkMetadata(text: string, { filename, refuse, layout }: Context): void {
  const member = `${layout.distInfo}/METADATA`;
  const metadata = parsed(() => parseMetadata(text), "metadata-malformed", member, refuse);
  if (tryNormalizeName(metadata.name) !== filename.name)
    throw refuse("name-mismatch", `It says the project is '${metadata.name}', the file name says '${filename.name}'.`, { member });
  const version = tryParseVersion(metadata.version);
  if (version === undefined || !sameVersion(version, filename.version))
    throw refuse("version-mismatch", `It says the version is '${metadata.version}', the file name says '${filename.versionText}'.`, {
      member,
    });
}

/** RECORD by member. Lines about files that are not there are dropped: only files of this wheel get into the RECORD of an environment. */
function readRecord(text: string, { layout, refuse }: Context): Map<string, Promised> {
  const member = `${layout.distInfo}/RECORD`;
  const lines = parsed(() => parseRecord(text), "record-malformed", member, refuse);
  const byPath = new Map<string, RecordEntry>();
  for (const line of lines) {
    // Tools on Windows wrote backslashes for a while.
    const path = line.path.replaceAll("\\", "/").replace(/^\.\//, "");
    const known = byPath.get(path);
    if (known !== undefined && (known.hash?.digest !== line.hash?.digest || known.size !== line.size))
      throw refuse("record-mismatch", `It says two things about '${path}'.`, { member });
    byPath.set(path, line);
  }
  const record = new Map<string, Promised>();
  for (const { member: file } of layout.files) {
    const line = byPath.get(file.name);
    const isRecord = /^[^/]+\/RECORD(?:\.jws|\.p7s)?$/.test(file.name) && file.name.startsWith(`${layout.distInfo}/`);
    if (line === undefined && !isRecord) throw refuse("record-unlisted", "RECORD does not list it.", { member: file.name });
    if (line === undefined || isRecord) continue;
    if (line.size !== undefined && line.size !== file.size)
      throw refuse("record-mismatch", `RECORD says it has ${line.size} bytes; it has ${file.size}.`, { member: file.name });
    record.set(file.name, line);
  }
  return record;
}

function readScripts(text: string, { layout, refuse }: Context): EntryPoint[] {
  const member = `${layout.distInfo}/entry_points.txt`;
  const points = parsed(() => parseEntryPoints(text), "entry-points-malformed", member, refuse);
  const scripts = points.filter(({ group }) => group === "console_scripts" || group === "gui_scripts");
  const names = new Map<string, EntryPoint>();
  for (const point of scripts) {
    parsed(() => validateScriptEntryPoint(point), "entry-point-unsafe", member, refuse);
    const rule = protectedScript(point.name);
    if (rule !== undefined) throw refuse(rule, `The command '${point.name}' would replace a file that makes the environment.`, { member });
    const known = names.get(point.name);
    if (known !== undefined && (known.module !== point.module || known.attribute !== point.attribute))
      throw refuse("duplicate-script", `Two commands are called '${point.name}'.`, { member });
    names.set(point.name, point);
  }
  return [...names.values()];
}
