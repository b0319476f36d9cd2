import { sourceMetadata, type SourceMetadata } from "#builds";
import { isPenError, PenError, printableLine, readText } from "#foundation";
import { parseMetadata, sameVersion, type CoreMetadata } from "#standards";
import type { StoredWheel } from "#store";
import { metadataFile } from "../packages/stored-metadata.ts";
import type { Source } from "./source-types.ts";

/** What METADATA says of a source. Errors: INVALID_METADATA. */
export function understood(text: string, source: Source): SourceMetadata {
  let metadata: CoreMetadata;
  try {
    metadata = parseMetadata(text);
  } catch (error) {
    if (!isPenError(error)) throw error;
    throw new PenError("INVALID_METADATA", `The metadata of ${printableLine(source.label)} cannot be understood`, {
      why: `${error.message}${error.why === undefined ? "" : `: ${error.why}`}`,
      cause: error,
    });
  }
  const found = sourceMetadata(metadata);
  if (found !== undefined) return found;
  throw new PenError("INVALID_METADATA", `The metadata of ${printableLine(source.label)} has no proper name or version`, {
    why: `It says ${printableLine(metadata.name)} ${printableLine(metadata.version)}.`,
  });
}

/** The same of a wheel that was built of it. */
export const wheelMetadata = (stored: StoredWheel, source: Source): SourceMetadata => understood(readText(metadataFile(stored)), source);

/** A source must be what it was taken for. Errors: INVALID_METADATA. */
export function checked(found: SourceMetadata, source: Pick<Source, "label" | "origin" | "name" | "version">): SourceMetadata {
  const nameFits = source.name === undefined || found.name === source.name;
  const versionFits =
    source.version === undefined ||
    sameVersion(found.version, source.version) ||
    // A build may mark itself with a local version.
    (source.version.local === undefined && sameVersion({ ...found.version, local: undefined }, source.version));
  if (nameFits && versionFits) return found;
  throw new PenError(
    "INVALID_METADATA",
    `${printableLine(source.label)} turned out to be ${found.name} ${printableLine(found.versionText)}`,
    {
      why: "Name and version of a project must be those that it is published under.",
      hint: `Nothing of it was installed. Look at where it comes from: ${printableLine(source.origin)}`,
      data: { expected: source.name ?? "", got: found.name, version: found.versionText },
    },
  );
}
