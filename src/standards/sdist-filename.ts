import { PenError, excerpt } from "#foundation";
import { type NormalizedName, normalizeName } from "./names.ts";
import { tryParseVersion } from "./version-scanner.ts";
import type { Version } from "./versions.ts";

/** The file name of a source distribution, taken apart. PEP 625. */
export interface SdistFilename {
  readonly text: string;
  readonly name: NormalizedName;
  readonly version: Version;
  /** The version as it is written in the file name. */
  readonly versionText: string;
  readonly extension: SdistExtension;
}

const extensions = ["tar.gz", "zip", "tgz", "tar.bz2", "tbz", "tar.xz", "txz", "tar"] as const;

/** `tar.gz` is the only one that PEP 625 allows; the others come from older releases. */
export type SdistExtension = (typeof extensions)[number];

const maxLength = 512;
const projectName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const versionCharacters = /^[A-Za-z0-9._+!-]+$/;

/**
 * Takes the file name of a source distribution apart: `{name}-{version}.tar.gz`, split at the last '-'.
 *
 * With `expected` (the project whose page lists the file) the name must be exactly that project, and older forms are
 * read too: a version with a '-' in it (`example-1.0-beta.tar.gz`). When the last '-' gives another project
 * (`foo-2-2.tar.gz` is foo-2 at version 2), the file is never taken for `expected`: one file must not be two releases.
 *
 * Throws INVALID_FILENAME.
 */
export function parseSdistFilename(text: string, expected?: NormalizedName): SdistFilename {
  const result = readSdistFilename(text, expected);
  if (typeof result !== "string") return result;
  throw new PenError(
    "INVALID_FILENAME",
    `${excerpt(text)} is not the file name of a source distribution${expected === undefined ? "" : ` of ${expected}`}`,
    {
      why: result,
      hint: "Source distributions are named like example_package-1.0.tar.gz.",
    },
  );
}

/** Like {@link parseSdistFilename}; undefined for anything that is not such a name. */
export function tryParseSdistFilename(text: string, expected?: NormalizedName): SdistFilename | undefined {
  const result = readSdistFilename(text, expected);
  return typeof result === "string" ? undefined : result;
}

function readSdistFilename(text: string, expected: NormalizedName | undefined): SdistFilename | string {
  if (text.length > maxLength) return `It is longer than ${maxLength} characters.`;
  const extension = text.endsWith(".tar.gz") ? "tar.gz" : extensions.find((ending) => text.endsWith(`.${ending}`));
  if (extension === undefined) return "It does not end in '.tar.gz' or '.zip'.";
  const stem = text.slice(0, -extension.length - 1);
  const last = stem.lastIndexOf("-");
  if (last < 0) return "There is no '-' between the name and the version.";
  const plain = splitAt(stem, last);
  if (plain !== undefined && (expected === undefined || plain.name === expected)) return { text, ...plain, extension };
  if (plain !== undefined) return `It belongs to the project ${plain.name}.`;
  if (expected === undefined) return "It is not a project name, '-' and a version.";
  for (let at = stem.indexOf("-"); at < last && at >= 0; at = stem.indexOf("-", at + 1)) {
    const split = splitAt(stem, at);
    if (split?.name === expected) return { text, ...split, extension };
  }
  return "It is not the name of that project, '-' and a version.";
}

function splitAt(stem: string, at: number): Pick<SdistFilename, "name" | "version" | "versionText"> | undefined {
  const nameText = stem.slice(0, at);
  const versionText = stem.slice(at + 1);
  const name = readName(nameText);
  if (name === undefined || !versionCharacters.test(versionText)) return undefined;
  const version = tryParseVersion(versionText);
  return version === undefined ? undefined : { name, version, versionText };
}

// The files of a project stand together on a page, so the last name is nearly always the next one too.
let lastName: readonly [text: string, name: NormalizedName] | undefined;

function readName(text: string): NormalizedName | undefined {
  if (lastName?.[0] === text) return lastName[1];
  if (!projectName.test(text)) return undefined;
  const name = normalizeName(text);
  lastName = [text, name];
  return name;
}
