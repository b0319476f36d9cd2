import { readInstalled } from "#installer";
import { PenError, printableLine } from "#foundation";
import {
  compareVersions,
  isPrerelease,
  normalizeName,
  parseSpecifiers,
  parseVersion,
  specifiersContain,
  tryParseWheelFilename,
  wheelRank,
  type SupportedTags,
  type Version,
} from "#standards";
import type { IndexFile } from "#index";
import { formatControl } from "../building/build-choices.ts";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { environmentDestination, findEnvironment, interpreterForFolder, settle } from "../environment.ts";
import { environmentRoot } from "../environments/environment-root.ts";
import { versionOf } from "./distributions.ts";
import { singleTarget, type TargetOptions } from "../resolving/target.ts";

export interface IndexVersionsOptions extends OperationOptions, TargetOptions {
  readonly name: string;
  readonly python?: string | undefined;
  readonly prereleases?: boolean;
  readonly ignoreRequiresPython?: boolean;
  /** As pip's options of these names: packages whose wheels, or whose sources, do not count. */
  readonly noBinary?: readonly string[];
  readonly onlyBinary?: readonly string[];
  readonly indexes?: IndexOptions;
}

export interface IndexVersions {
  /** As it was asked for. */
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly string[];
  readonly latest: string;
  /** The latest is a pre-release. */
  readonly latestIsPrerelease: boolean;
  /** Undefined when the environment does not have it, or there is none. */
  readonly installed: string | undefined;
}

/**
 * `pen pip index versions`: the versions of a project that have a file for this Python and platform and are not yanked. Errors: `PACKAGE_NOT_FOUND` when
 * there is none, and those of the index.
 */
export async function indexVersions(options: IndexVersionsOptions): Promise<IndexVersions> {
  const context = openContext(options);
  const name = normalizeName(options.name);
  const interpreter = await interpreterForFolder(context, options.python);
  const { tags, markers } = singleTarget(interpreter, options);
  const python = parseVersion(markers.python_full_version.replace(/\+$/, ""));
  const listing = await openIndexes(context, options.indexes ?? {}).listing(name);
  const format = formatControl(options.noBinary ?? [], options.onlyBinary ?? []);
  const usable = (file: IndexFile): boolean =>
    file.yanked === undefined &&
    (file.kind === "wheel" ? format.allowsWheel(name) : format.allowsSource(name)) &&
    (options.ignoreRequiresPython === true || admits(file.requiresPython, python)) &&
    fits(file, tags);
  const found = (listing?.versions ?? [])
    .filter((listed) => (options.prereleases === true || !isPrerelease(listed.version)) && listed.files().some(usable))
    .sort((a, b) => compareVersions(b.version, a.version));
  const [latest] = found;
  if (latest === undefined)
    throw new PenError("PACKAGE_NOT_FOUND", `No matching distribution found for ${printableLine(options.name)}`, {
      why:
        listing === undefined
          ? "No index knows this project."
          : "It has no version for this Python and platform that is final and not yanked.",
      hint: listing === undefined ? "Check the name." : "Look at pre-releases too: --pre",
      data: { name },
    });
  return {
    name: options.name,
    versions: found.map(({ text }) => text),
    latest: latest.text,
    latestIsPrerelease: isPrerelease(latest.version),
    installed: await installedVersion(context, options.python, name),
  };
}

/** A specifier that nobody understands restricts nothing, as pip has it. */
function admits(requiresPython: string | undefined, python: Version): boolean {
  if (requiresPython === undefined || requiresPython === "") return true;
  try {
    return specifiersContain(parseSpecifiers(requiresPython), python, { prereleases: true });
  } catch {
    return true;
  }
}

function fits(file: IndexFile, tags: SupportedTags): boolean {
  if (file.kind === "sdist") return true;
  const parsed = tryParseWheelFilename(file.filename);
  return parsed !== undefined && wheelRank(tags, parsed) !== undefined;
}

async function installedVersion(context: Context, python: string | undefined, name: string): Promise<string | undefined> {
  if (environmentRoot({ host: context.host, python }) === undefined) return undefined;
  const { target } = environmentDestination(await findEnvironment(context, { python }));
  await settle(context, target);
  const found = readInstalled(target).find((distribution) => distribution.name === name);
  return found && versionOf(found);
}
