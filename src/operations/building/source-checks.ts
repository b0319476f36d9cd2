import { sourceMetadata, type BuiltWheel, type SourceMetadata } from "#builds";
import { isPenError, PenError, printableLine, readText, warn, type Emit } from "#foundation";
import type { Interpreter } from "#python";
import {
  parseMetadata,
  parseRequirement,
  parseWheelFilename,
  requirementText,
  sameVersion,
  wheelRank,
  type CoreMetadata,
} from "#standards";
import type { StoredWheel } from "#store";
import { metadataFile } from "../packages/stored-metadata.ts";
import { singleTarget } from "../resolving/target.ts";
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

/** A wheel must be one for the Python that it was built with. Errors: BUILD_FAILED (`data.reason` is `bad-wheel`). */
export function checkMachine({ filename }: BuiltWheel, { label }: Source, interpreter: Interpreter): void {
  if (wheelRank(singleTarget(interpreter).tags, parseWheelFilename(filename)) !== undefined) return;
  throw new PenError("BUILD_FAILED", `Could not build ${printableLine(label)}`, {
    why: `Its build backend made ${printableLine(filename)}, which is for another Python or platform than Python ${interpreter.version} here.`,
    hint: "Look at what told it so: settings (--config-settings), variables such as _PYTHON_HOST_PLATFORM or ARCHFLAGS, or the project itself.",
    data: { what: printableLine(label), reason: "bad-wheel", wheel: printableLine(filename) },
  });
}

/** Tells of a wheel that needs other things than its source said before: what was solved for may not be what it needs. */
export function compareNeeds(emit: Emit, said: SourceMetadata | undefined, built: SourceMetadata): void {
  if (said === undefined) return;
  const [before, after] = [needsOf(said), needsOf(built)];
  const other = [...after].filter((text) => !before.has(text));
  const gone = [...before].filter((text) => !after.has(text));
  if (other.length + gone.length === 0) return;
  const list = (texts: readonly string[]): string => texts.map(printableLine).join(", ");
  warn(
    emit,
    "metadata-differs",
    `${built.name} ${printableLine(built.versionText)} turned out to need other packages than its source said` +
      `${other.length === 0 ? "" : `; also: ${list(other)}`}${gone.length === 0 ? "" : `; not: ${list(gone)}`}. What is missing now, tells: pen pip check`,
  );
}

function needsOf({ requiresDist }: SourceMetadata): ReadonlySet<string> {
  return new Set(
    requiresDist.map((text) => {
      try {
        return requirementText(parseRequirement(text));
      } catch (error) {
        if (!isPenError(error)) throw error;
        return text;
      }
    }),
  );
}
