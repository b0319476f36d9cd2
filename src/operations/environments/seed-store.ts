import { isPenError, readText } from "#foundation";
import { parseRequirementArgument } from "#project";
import type { Interpreter } from "#python";
import {
  compareVersions,
  parseMetadata,
  parseSpecifiers,
  parseVersion,
  specifiersContain,
  supportedTags,
  tryParseVersion,
  tryParseWheelFilename,
  wheelRank,
  type Requirement,
} from "#standards";
import type { StoredWheel } from "#store";
import type { Context, IndexOptions } from "../context.ts";
import { chosenBefore } from "./seed-choices.ts";
import { metadataFile } from "../packages/stored-metadata.ts";
import { findWhole } from "../packages/whole-wheel.ts";

interface Question {
  readonly interpreter: Interpreter;
  readonly names: readonly string[];
  readonly indexes: IndexOptions;
}

/**
 * The newest wheels in the store that were seeds before, for whichever Python, and that this one can run: for a time without index. Undefined
 * when the store does not have all that is wanted.
 */
export async function seedsFromStore(context: Context, { interpreter, names, indexes }: Question): Promise<StoredWheel[] | undefined> {
  const known = chosenBefore(context, indexes).flatMap((sha256) => context.store.find(sha256) ?? []);
  const found: StoredWheel[] = [];
  for (const text of names) {
    const { source } = parseRequirementArgument(text, context.host.cwd);
    if (source.kind !== "named" || source.requirement.url !== undefined) return undefined;
    const wheel = await newest(context, known, { requirement: source.requirement, interpreter });
    if (wheel === undefined) return undefined;
    found.push(wheel);
  }
  return found;
}

async function newest(
  context: Context,
  known: readonly StoredWheel[],
  { requirement, interpreter }: { readonly requirement: Requirement; readonly interpreter: Interpreter },
): Promise<StoredWheel | undefined> {
  const fitting = known.flatMap((wheel) => {
    const version = tryParseVersion(wheel.manifest.version);
    if (version === undefined || wheel.manifest.name !== requirement.name || !runsOn(wheel, interpreter)) return [];
    return specifiersContain(requirement.specifiers, version, { prereleases: true }) ? [{ wheel, version }] : [];
  });
  for (const { wheel } of fitting.sort((a, b) => compareVersions(b.version, a.version))) {
    const whole = await findWhole(context, wheel.manifest.sha256);
    if (whole !== undefined) return whole;
  }
  return undefined;
}

/** By its tags and by `Requires-Python`. */
function runsOn(wheel: StoredWheel, interpreter: Interpreter): boolean {
  const parsed = tryParseWheelFilename(wheel.manifest.filename);
  if (parsed === undefined || wheelRank(supportedTags(interpreter.tagTarget), parsed) === undefined) return false;
  try {
    const { requiresPython } = parseMetadata(readText(metadataFile(wheel)));
    const version = parseVersion(interpreter.markers.python_full_version.replace(/\+$/, ""));
    return requiresPython === undefined || specifiersContain(parseSpecifiers(requiresPython), version, { prereleases: true });
  } catch (error) {
    if (!isPenError(error)) throw error;
    return false;
  }
}
