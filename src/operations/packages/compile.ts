import { readTextIfAny, writeAtomic, dirname, resolve } from "#foundation";
import { formatPylock, formatRequirements, preferencesFromRequirements, type Lock } from "#lock";
import { originText, type RequirementEntry } from "#project";
import { normalizeName } from "#standards";
import { openContext, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { interpreterForFolder } from "../environment.ts";
import { holdStore } from "../store-holding.ts";
import type { InstallOptions } from "./install.ts";
import { questionOf, readRequirements, withFileOptions, type RequirementsInput } from "./wanted.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { openSources } from "../building/sources.ts";
import { isForeign, singleTarget, universalTarget, type TargetOptions } from "../resolving/target.ts";

export interface CompileOptions
  extends
    OperationOptions,
    RequirementsInput,
    TargetOptions,
    Pick<InstallOptions, "python" | "prereleases" | "mode" | "noBinary" | "onlyBinary" | "builds" | "indexes"> {
  /** `requirements.txt` or `pylock.toml`; by default told by the output file's name. */
  readonly format?: "requirements.txt" | "pylock.toml" | undefined;
  readonly outputFile?: string | undefined;
  /** Solve for every platform and for this Python and newer. */
  readonly universal?: boolean;
  /** Move everything to the newest that fits instead of keeping what the output file has. */
  readonly upgrade?: boolean;
  readonly upgradePackages?: readonly string[];
  readonly noDependencies?: boolean;
  /** Only what the named requirements need, and not themselves. */
  readonly onlyDependencies?: boolean;
  readonly ignoreRequiresPython?: boolean;
  readonly requireHashes?: boolean;
  readonly generateHashes?: boolean;
  readonly annotations?: boolean;
  /** The command line for the header; none without it. */
  readonly header?: string | undefined;
  readonly stripExtras?: boolean;
  readonly emitIndexUrls?: boolean;
}

export interface CompileReport {
  readonly lock: Lock;
  readonly text: string;
  /** The file that was written, absolute. */
  readonly written: string | undefined;
}

/**
 * Solves requirements and writes the answer as a lock. What the output file pins already stays, unless `upgrade` says otherwise.
 * The file is replaced only when everything went well. Errors: those of resolving.
 */
export async function compile(options: CompileOptions): Promise<CompileReport> {
  const context = openContext(options);
  const { cwd } = context.host;
  const interpreter = await interpreterForFolder(context, options.python);
  const wanted = await readRequirements(context, () => openIndexes(context, options.indexes ?? {}), options);
  const indexes = withFileOptions(options.indexes ?? {}, wanted.options);
  const output = options.outputFile === undefined ? undefined : resolve(cwd, options.outputFile);
  const target = options.universal === true ? universalTarget(interpreter, options) : singleTarget(interpreter, options);
  const asked = questionOf(wanted, target.markers, options);
  const client = asked.client(openIndexes(context, indexes));
  const format = options.format ?? (output?.endsWith(".toml") === true ? "pylock.toml" : "requirements.txt");
  const sources = openSources(context, client, {
    interpreter,
    choices: { ...options.builds, preferWheels: options.builds?.preferWheels === true || wanted.options.preferBinary },
    noBinary: [...(options.noBinary ?? []), ...wanted.options.noBinary],
    onlyBinary: [...(options.onlyBinary ?? []), ...wanted.options.onlyBinary],
    foreign: isForeign(options),
    python: options.python,
  });
  const held = await holdStore(context);
  const resolved = await resolveRequirements(context, client, {
    ...target,
    ...asked.input,
    requireHashes: options.requireHashes ?? false,
    constraints: wanted.constraints,
    overrides: wanted.overrides,
    excludes: (options.excludes ?? []).map(normalizeName),
    mode: options.mode ?? "highest",
    prereleases: options.prereleases ?? (wanted.options.prereleases ? "allow" : "if-necessary-or-explicit"),
    preferences: preferences(output, options),
    ignoreRequiresPython: options.ignoreRequiresPython ?? false,
    noBinary: new Set([...(options.noBinary ?? []), ...wanted.options.noBinary]),
    installed: [],
    files: options.generateHashes === true || format === "pylock.toml" ? "installable" : "chosen",
    sources,
  }).finally(() => {
    sources.close();
    held?.release();
  });
  const packages = resolved.pins.filter(({ requested }) => options.onlyDependencies !== true || !requested).map(({ locked }) => locked);
  const lock = namingFiles({ ...resolved.lock, packages }, wanted.requirements);
  const text =
    format === "pylock.toml"
      ? formatPylock(lock, { folder: output === undefined ? cwd : dirname(output) })
      : formatRequirements(lock, {
          hashes: options.generateHashes ?? false,
          annotations: options.annotations ?? true,
          header: options.header,
          extras: options.stripExtras === false,
          markers: options.universal === true,
          findLinks: options.emitIndexUrls === true ? (indexes.findLinks ?? []) : [],
          indexUrls:
            options.emitIndexUrls === true ? [indexes.indexUrl, ...(indexes.extraIndexUrls ?? [])].filter((url) => url !== undefined) : [],
        });
  if (output !== undefined) writeAtomic(output, text);
  return { lock, text, written: output };
}

/** Who needs a package is told by file (`-r requirements.in`), without the line: lines move when files are edited. */
function namingFiles(lock: Lock, requirements: readonly RequirementEntry[]): Lock {
  const files = new Map(
    requirements.flatMap(({ origin }) => (origin.line === 0 ? [] : [[originText(origin), `-r ${origin.file}`] as const])),
  );
  const packages = lock.packages.map((one) => ({ ...one, requiredBy: [...new Set(one.requiredBy.map((who) => files.get(who) ?? who))] }));
  return { ...lock, packages };
}

function preferences(output: string | undefined, options: CompileOptions): ReturnType<typeof preferencesFromRequirements> {
  const text = output === undefined || options.upgrade === true ? undefined : readTextIfAny(output);
  const found = new Map(preferencesFromRequirements(text ?? ""));
  for (const name of options.upgradePackages ?? []) found.delete(normalizeName(name));
  return found;
}
