import { isPenError, readTextIfAny, fileURLToPath, join } from "#foundation";
import type { InstalledDistribution } from "#installer";

/** undefined where the metadata cannot be read: one broken distribution must not stop the work on all others. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isPenError(error)) throw error;
    return undefined;
  }
}

/** The metadata; undefined where it cannot be read. */
export function readableMetadata(distribution: InstalledDistribution): ReturnType<InstalledDistribution["metadata"]> | undefined {
  return readable(() => distribution.metadata());
}

/** The fields that listing needs; undefined where the metadata cannot be read. */
export function briefOf(distribution: InstalledDistribution): ReturnType<InstalledDistribution["brief"]> | undefined {
  return readable(() => distribution.brief());
}

/** The name as the distribution writes it (`Flask-SQLAlchemy`); the normalised one where its metadata cannot be read. */
export function writtenName(distribution: InstalledDistribution): string {
  return readable(() => distribution.writtenName()) ?? distribution.name;
}

/** The version, from the metadata where the folder's name does not have it. */
export function versionOf(distribution: InstalledDistribution): string {
  return distribution.version || (briefOf(distribution)?.version ?? "");
}

/** The folder of the project of an editable install; undefined for any other. */
export function editableLocation(distribution: InstalledDistribution): string | undefined {
  if (!distribution.editable()) return undefined;
  const direct = distribution.directUrl();
  // The older way: a file whose first line names the folder.
  if (direct === undefined) return readTextIfAny(distribution.path)?.split("\n")[0]?.trim() || distribution.location;
  try {
    return fileURLToPath(direct.url);
  } catch {
    return direct.url;
  }
}

/** The text of a file in the `.dist-info` folder; undefined when there is none. */
export function metadataFileText(distribution: InstalledDistribution, name: string): string | undefined {
  return readTextIfAny(join(distribution.path, name));
}
