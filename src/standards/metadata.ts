import { PenError, excerpt } from "#foundation";
import { type MetadataHeader, splitMetadata } from "./metadata-headers.ts";

/**
 * The core metadata of a distribution (METADATA, PKG-INFO), versions 1.0 to 2.x: PEP 241, 314, 345, 566, 643, 685, 639, 794.
 * Values are the text of the file: versions and requirements are not parsed here. A field that is absent is undefined or an empty list.
 */
export interface CoreMetadata {
  readonly metadataVersion: string;
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  /** From the body, else from the header of older files. */
  readonly description?: string;
  readonly descriptionContentType?: string;
  readonly keywords?: readonly string[];
  readonly homePage?: string;
  readonly downloadUrl?: string;
  readonly author?: string;
  readonly authorEmail?: string;
  readonly maintainer?: string;
  readonly maintainerEmail?: string;
  readonly license?: string;
  readonly licenseExpression?: string;
  readonly licenseFiles: readonly string[];
  readonly classifiers: readonly string[];
  readonly platforms: readonly string[];
  readonly supportedPlatforms: readonly string[];
  readonly requiresDist: readonly string[];
  readonly requiresPython?: string;
  readonly requiresExternal: readonly string[];
  /** As written: `label, url`. */
  readonly projectUrls: readonly string[];
  readonly providesExtra: readonly string[];
  readonly providesDist: readonly string[];
  readonly obsoletesDist: readonly string[];
  readonly dynamic: readonly string[];
  readonly importNames: readonly string[];
  readonly importNamespaces: readonly string[];
  /** Metadata 1.1 only, module names. */
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  readonly obsoletes: readonly string[];
}

type SingleField =
  | "summary"
  | "descriptionContentType"
  | "homePage"
  | "downloadUrl"
  | "author"
  | "authorEmail"
  | "maintainer"
  | "maintainerEmail"
  | "license"
  | "licenseExpression"
  | "requiresPython";

const singleFields: ReadonlyMap<string, SingleField> = new Map([
  ["summary", "summary"],
  ["description-content-type", "descriptionContentType"],
  ["home-page", "homePage"],
  ["download-url", "downloadUrl"],
  ["author", "author"],
  ["author-email", "authorEmail"],
  ["maintainer", "maintainer"],
  ["maintainer-email", "maintainerEmail"],
  ["license", "license"],
  ["license-expression", "licenseExpression"],
  ["requires-python", "requiresPython"],
]);

/** Fields whose value decides what is installed: they stand once, on one line, without control characters. */
const decidingFields = ["metadata-version", "name", "version", "requires-python"] as const;

/** The versions of the format that change its meaning; a greater second number only adds fields. */
const knownMajorVersions: ReadonlySet<string> = new Set(["1", "2"]);

/**
 * Reads a METADATA or PKG-INFO file, already decoded from UTF-8. Fields that pen does not know are ignored; a repeated
 * single-use field counts once, the first time.
 *
 * Throws INVALID_METADATA when Metadata-Version, Name or Version is missing, repeated with another value, spread over
 * lines or holds a control character (the same goes for Requires-Python), when a header holds NUL, and for an unknown major version of the format.
 */
export function parseMetadata(text: string): CoreMetadata {
  const { headers, body } = splitMetadata(text);
  const values = groupHeaders(headers);
  for (const field of decidingFields) checkDeciding(field, values.get(field) ?? []);
  const metadataVersion = required(values, "metadata-version");
  checkFormat(metadataVersion);
  const description = body === "" ? values.get("description")?.[0] : body;
  const keywords = values.get("keywords")?.[0];
  return {
    metadataVersion,
    name: required(values, "name"),
    version: required(values, "version"),
    ...singleValues(values),
    ...(description === undefined ? {} : { description }),
    ...(keywords === undefined ? {} : { keywords: splitKeywords(keywords) }),
    licenseFiles: values.get("license-file") ?? [],
    classifiers: values.get("classifier") ?? [],
    platforms: values.get("platform") ?? [],
    supportedPlatforms: values.get("supported-platform") ?? [],
    requiresDist: values.get("requires-dist") ?? [],
    requiresExternal: values.get("requires-external") ?? [],
    projectUrls: values.get("project-url") ?? [],
    providesExtra: values.get("provides-extra") ?? [],
    providesDist: values.get("provides-dist") ?? [],
    obsoletesDist: values.get("obsoletes-dist") ?? [],
    dynamic: values.get("dynamic") ?? [],
    importNames: values.get("import-name") ?? [],
    importNamespaces: values.get("import-namespace") ?? [],
    requires: values.get("requires") ?? [],
    provides: values.get("provides") ?? [],
    obsoletes: values.get("obsoletes") ?? [],
  };
}

function groupHeaders(headers: readonly MetadataHeader[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, value } of headers) {
    if (value.includes("\0")) throw invalidMetadata(`The field ${excerpt(name)} holds a NUL character`);
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function checkDeciding(field: string, values: readonly string[]): void {
  if (values.some((value) => value.trim() !== values[0]?.trim())) {
    throw invalidMetadata(
      `The field ${field} stands there twice, with different values`,
      values
        .slice(0, 2)
        .map((value) => excerpt(value))
        .join(" and "),
    );
  }
  const [value = ""] = values;
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value.trim()))
    throw invalidMetadata(`The field ${field} holds a line break or control character`, excerpt(value));
}

function required(values: ReadonlyMap<string, readonly string[]>, field: string): string {
  const value = values.get(field)?.[0]?.trim();
  if (value === undefined || value === "") throw invalidMetadata(`The field ${field} is missing`);
  return value;
}

function checkFormat(version: string): void {
  const major = /^(\d{1,4})\.\d{1,4}$/.exec(version)?.[1];
  if (major === undefined)
    throw invalidMetadata(`${excerpt(version)} is not a version of core metadata`, "It should be a number like 2.1.");
  if (!knownMajorVersions.has(major)) {
    throw invalidMetadata(
      `Core metadata ${version} is newer than pen`,
      "pen reads the versions 1.x and 2.x; the next ones may change the meaning of fields.",
    );
  }
}

function singleValues(values: ReadonlyMap<string, readonly string[]>): Partial<Record<SingleField, string>> {
  const found: Partial<Record<SingleField, string>> = {};
  for (const [header, field] of singleFields) {
    const value = values.get(header)?.[0];
    if (value !== undefined) found[field] = value;
  }
  return found;
}

/** Keywords are separated by commas; files from before that rule separate them by blanks. */
function splitKeywords(text: string): string[] {
  if (text.includes(",")) return text.split(",").map((word) => word.trim());
  return text.split(/\s+/).filter((word) => word !== "");
}

function invalidMetadata(message: string, why?: string): PenError {
  return new PenError("INVALID_METADATA", message, {
    ...(why === undefined ? {} : { why }),
    hint: "The distribution is broken: choose another version of it, or tell its authors.",
  });
}
