import { PenError, excerpt } from "#foundation";
import { type NormalizedName, normalizeName } from "./names.ts";
import { type Tag, parseTagSet, tagSetProblem } from "./tags.ts";
import { tryParseVersion } from "./version-scanner.ts";
import type { Version } from "./versions.ts";

/** The file name of a wheel, taken apart. PEP 427 and 491. */
export interface WheelFilename {
  readonly text: string;
  readonly name: NormalizedName;
  readonly version: Version;
  /** The version as it is written in the file name. */
  readonly versionText: string;
  /** A tie-breaker between wheels of one version: the leading number and the rest. */
  readonly build?: readonly [number, string];
  /** The compressed tag set in lower case: `py2.py3-none-any`. */
  readonly tagSet: string;
  /** All single tags. Expanded when first asked for. */
  readonly tags: readonly Tag[];
}

/** Greater than any file system allows for one name. */
const maxLength = 512;

/**
 * Takes the file name of a wheel apart: `{name}-{version}[-{build}]-{python}-{abi}-{platform}.whl`. Throws
 * INVALID_FILENAME with the reason. A name that passes holds no path separator, blank or control character.
 */
export function parseWheelFilename(text: string): WheelFilename {
  const result = readWheelFilename(text);
  if (typeof result !== "string") return result;
  throw new PenError("INVALID_FILENAME", `${excerpt(text)} is not the file name of a wheel`, {
    why: result,
    hint: "Wheels are named like example_package-1.0-py3-none-any.whl; do not rename them.",
  });
}

/** Like {@link parseWheelFilename}; undefined for anything that is not a wheel's name. */
export function tryParseWheelFilename(text: string): WheelFilename | undefined {
  const result = readWheelFilename(text);
  return typeof result === "string" ? undefined : result;
}

/**
 * The versions of the wheels of one project, by their file names; undefined for a name that is no wheel of it. What stands before the version's end and what
 * stands behind it decide for themselves: on a page of thousands of files each of the two is checked once. Hot.
 */
export function wheelVersionsOf(name: NormalizedName): (filename: string) => Version | undefined {
  const starts = new Map<string, Version | undefined>();
  const ends = new Set<string>();
  return (filename) => {
    const middle = filename.indexOf("-");
    const at = filename.indexOf("-", middle + 1);
    const [start, end] = [filename.slice(0, at), filename.slice(at)];
    if (at < 0 || filename.length > maxLength) return undefined;
    if (!ends.has(end)) {
      if (tryParseWheelFilename(filename) === undefined) return undefined;
      ends.add(end);
    }
    if (starts.has(start)) return starts.get(start);
    const version = readName(filename.slice(0, middle)) === name ? readVersion(filename.slice(middle + 1, at)) : undefined;
    starts.set(start, version);
    return version;
  };
}

/** The wheel, or why it is none. Hot: an index page lists thousands of files. */
function readWheelFilename(text: string): WheelFilename | string {
  if (text.length > maxLength) return `It is longer than ${maxLength} characters.`;
  if (!text.endsWith(".whl")) return "It does not end in '.whl'.";
  const parts = text.slice(0, -4).split("-");
  if (parts.length !== 5 && parts.length !== 6)
    return `It has ${parts.length} parts joined by '-'; a wheel has 5, or 6 with a build number.`;
  const [nameText = "", versionText = ""] = parts;
  const name = readName(nameText);
  if (name === undefined) return `${excerpt(nameText)} is not a project name as wheels spell it (letters, digits, '.' and single '_').`;
  const version = readVersion(versionText);
  if (version === undefined) return `${excerpt(versionText)} is not a version.`;
  const buildText = parts.length === 6 ? parts[2] : undefined;
  const build = buildText === undefined ? undefined : readBuild(buildText);
  if (buildText !== undefined && build === undefined) return `${excerpt(buildText)} is not a build number; it must begin with a digit.`;
  const tagSet = parts.slice(-3).join("-").toLowerCase();
  return (
    tagSetProblem(tagSet) ??
    new ParsedWheelFilename({ text, name, version, versionText, tagSet, ...(build === undefined ? {} : { build }) })
  );
}

type EagerParts = Omit<WheelFilename, "tags">;

class ParsedWheelFilename implements WheelFilename {
  readonly text: string;
  readonly name: NormalizedName;
  readonly version: Version;
  readonly versionText: string;
  readonly build?: readonly [number, string];
  readonly tagSet: string;
  #tags: readonly Tag[] | undefined;

  constructor(parts: EagerParts) {
    this.text = parts.text;
    this.name = parts.name;
    this.version = parts.version;
    this.versionText = parts.versionText;
    if (parts.build !== undefined) this.build = parts.build;
    this.tagSet = parts.tagSet;
  }

  get tags(): readonly Tag[] {
    return (this.#tags ??= parseTagSet(this.tagSet));
  }
}

const wheelName = /^[A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?$/;
const wheelVersion = /^[A-Za-z0-9._+!]+$/;
const buildNumber = /^(\d{1,15})([A-Za-z0-9_.+]*)$/;

// The files of a release stand together on a page, so the last name is nearly always the next one too.
let lastName: readonly [text: string, name: NormalizedName] | undefined;

function readName(text: string): NormalizedName | undefined {
  if (lastName?.[0] === text) return lastName[1];
  if (!wheelName.test(text) || text.includes("__")) return undefined;
  const name = normalizeName(text);
  lastName = [text, name];
  return name;
}

const readVersion = (text: string): Version | undefined => (wheelVersion.test(text) ? tryParseVersion(text) : undefined);

function readBuild(text: string): readonly [number, string] | undefined {
  const match = buildNumber.exec(text);
  return match === null ? undefined : [Number(match[1]), match[2] ?? ""];
}
