import { PenError, printableLine, redactUrl } from "#foundation";
import type { IndexClient } from "#index";
import {
  loadRequirements,
  mergeFileOptions,
  noFileOptions,
  parseRequirementArgument,
  type FileOptions,
  type LoadedRequirements,
  type RequirementEntry,
} from "#project";
import type { MarkerEnvironment } from "#standards";
import type { Context, IndexOptions } from "../context.ts";
import { anyHash } from "../resolving/promised-hashes.ts";
import type { ResolveInput } from "../resolving/resolve-types.ts";
import type { LockedQuestion } from "./pylock-input.ts";

/** The words with which every installing command says what it wants. */
export interface RequirementsInput {
  /** Requirements as on a command line: names, URLs, paths of wheels. */
  readonly requirements?: readonly string[];
  /** `-e`. */
  readonly editables?: readonly string[];
  /** `-r`. */
  readonly requirementFiles?: readonly string[];
  /** `-c`. */
  readonly constraintFiles?: readonly string[];
  readonly overrideFiles?: readonly string[];
  readonly excludes?: readonly string[];
  /** Dependency groups (PEP 735): `dev`, or `path/pyproject.toml:dev`. */
  readonly groups?: readonly string[];
  /** Scripts that state what they need in themselves (PEP 723). */
  readonly scripts?: readonly string[];
  /** Text of standard input, for `-r -`. */
  readonly readInput?: () => Promise<string>;
}

/** What a person wants, before it is known for which environment. */
export interface WantedRequirements extends LoadedRequirements {
  readonly overrides: readonly RequirementEntry[];
  /** What the locks among the files say for an environment; undefined when there are none. */
  readonly locked: ((markers: MarkerEnvironment) => LockedQuestion) | undefined;
}

/** Enough to see that a file may be a lock (PEP 751) by its name, with what may stand behind it. */
const likeLock = /(?:^|[/\\])pylock(?:\.[^./\\]+)?\.toml(?:$|[[:?#])/;

/**
 * Reads what the person wants: arguments and files, with the options that the files carry. A file that is called `pylock.toml` or `pylock.NAME.toml` is
 * read as a lock, as pip does.
 */
export async function readRequirements(
  context: Context,
  client: () => IndexClient | Promise<IndexClient>,
  input: RequirementsInput,
): Promise<WantedRequirements> {
  const { host } = context;
  const fetchText = async (url: string): Promise<string> => (await client()).fetchText(url);
  const given = [
    ...(input.requirements ?? []).map((text) => parseRequirementArgument(text, host.cwd)),
    ...(input.editables ?? []).map((text) => parseRequirementArgument(text, host.cwd, true)),
  ];
  let [files, groups] = [input.requirementFiles ?? [], input.groups ?? []];
  let locked: WantedRequirements["locked"];
  if ([...files, ...groups].some((place) => likeLock.test(place))) {
    const { lockedQuestion, readPylocks } = await import("./pylock-input.ts");
    const { locks, ...rest } = await readPylocks({ files, groups }, { host, fetchText });
    ({ files, groups } = rest);
    locked = (markers) => lockedQuestion(locks, markers);
  }
  for (const place of [...(input.constraintFiles ?? []), ...(input.overrideFiles ?? [])])
    if (likeLock.test(place)) throw notConstraints(place);
  if (groups.length + (input.scripts ?? []).length > 0) {
    const { groupRequirements, scriptRequirements } = await import("../building/named-requirements.ts");
    given.push(...groupRequirements(groups, host), ...scriptRequirements(input.scripts ?? [], host));
  }
  const none = files.length + (input.constraintFiles ?? []).length + (input.overrideFiles ?? []).length === 0;
  if (none) return { requirements: given, constraints: [], options: noFileOptions, overrides: [], locked };
  const options = { host, fetchText, ...(input.readInput === undefined ? {} : { readInput: input.readInput }) };
  const loaded = await loadRequirements(files, input.constraintFiles ?? [], options);
  const overrides = await loadRequirements(input.overrideFiles ?? [], [], options);
  return { ...loaded, requirements: [...given, ...loaded.requirements], overrides: overrides.requirements, locked };
}

const notConstraints = (place: string): PenError =>
  new PenError("REQUIREMENTS_FILE", `${printableLine(redactUrl(place))} is a lock, and not a list of constraints`, {
    hint: `Install what it names with: -r ${printableLine(redactUrl(place))}`,
  });

/** The question for one environment. */
interface Question {
  readonly input: Pick<ResolveInput, "requirements" | "followDependencies" | "requireHashes" | "partialHashes">;
  /** The client that answers it: what a lock names comes from where the lock says, and from nowhere else. */
  client(client: IndexClient): IndexClient;
}

/**
 * What is asked for an environment, with pip's rule that one hash makes hashes necessary for all. A lock alone is taken as it is: nothing is added to what it names
 * (PEP 751), and what has no hash in it, as a repository, needs none.
 */
export function questionOf(
  wanted: WantedRequirements,
  markers: MarkerEnvironment,
  options: { readonly requireHashes?: boolean; readonly noDependencies?: boolean } = {},
): Question {
  const required = (options.requireHashes ?? false) || wanted.options.requireHashes;
  const locked = wanted.locked?.(markers);
  const requirements = [...wanted.requirements, ...(locked?.requirements ?? [])];
  const lockAlone = locked !== undefined && wanted.requirements.length === 0;
  return {
    input: {
      requirements,
      followDependencies: options.noDependencies !== true && !lockAlone,
      requireHashes: required || (!lockAlone && anyHash([...requirements, ...wanted.constraints])),
      partialHashes: lockAlone && !required,
    },
    client: (client) => locked?.over(client) ?? client,
  };
}

/** Index options of the command with those of the requirements files, which add to them (an `--index-url` in a file replaces, as in pip). */
export function withFileOptions(indexes: IndexOptions, file: FileOptions): IndexOptions {
  const merged = mergeFileOptions(noFileOptions, file);
  return {
    ...indexes,
    ...(merged.indexUrl === undefined ? {} : { indexUrl: merged.indexUrl }),
    extraIndexUrls: [...(indexes.extraIndexUrls ?? []), ...merged.extraIndexUrls],
    noIndex: (indexes.noIndex ?? false) || merged.noIndex,
    findLinks: [...(indexes.findLinks ?? []), ...merged.findLinks],
    trustedHosts: [...(indexes.trustedHosts ?? []), ...merged.trustedHosts],
  };
}
