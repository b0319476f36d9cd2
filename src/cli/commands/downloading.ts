import { PenError, printableLine, relative } from "#foundation";
import { download, type BuildChoices, type DownloadReport, type TargetOptions } from "#operations";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { requirementOptions, resolutionOf, resolutionOptions } from "./installing.ts";
import { pipIndexesOf, wantingOf, wantingOptions } from "./selecting.ts";

/** The options of the commands that collect files. */
export const collectingOptions: readonly OptionSpec[] = [
  ...requirementOptions,
  { name: "no-deps", aliases: ["no-dependencies"], kind: "flag", help: "Take only what is named." },
  { name: "require-hashes", kind: "flag", help: "Every requirement must have a hash." },
  ...wantingOptions,
  ...resolutionOptions.filter(({ name }) => name !== "python-version" && name !== "python-platform"),
  pythonOption,
  ...indexOptions,
];

export interface Collection {
  readonly folder: string;
  readonly targets: readonly TargetOptions[];
  /** What may be built; undefined: only wheels will do. */
  readonly builds: BuildChoices | undefined;
  /** Pack the wheels up as this file. */
  readonly bundle?: string | undefined;
  /** Build the wheel of what has none. */
  readonly buildWheels?: boolean;
  /** Requirements beside the arguments. */
  readonly more?: readonly string[];
}

/** Collects the files that the command line asks for, and tells of each, in pip's words. */
export async function collect(
  context: CommandContext,
  { folder, targets, builds, bundle, buildWheels = false, more = [] }: Collection,
): Promise<void> {
  const { parsed } = context;
  const named = ["requirement", "group", "requirements-from-script"].flatMap((name) => parsed.list(name));
  if (parsed.arguments.length + named.length + more.length === 0)
    throw new PenError("NOTHING_NAMED", "Nothing was named to collect", { hint: `Type for example: ${context.calledAs} download flask` });
  const { pythonVersion: _version, pythonPlatform: _platform, ...wanted } = resolutionOf(withoutTargets(parsed));
  const report = await download({
    host: context.host,
    onEvent: context.emit,
    signal: context.signal,
    ...wanted,
    ...wantingOf(parsed),
    requirements: [...parsed.arguments, ...more],
    buildWheels,
    python: parsed.value("python"),
    folder,
    bundle,
    targets,
    wheelsOnly: builds === undefined,
    builds,
    noDependencies: parsed.flag("no-deps"),
    requireHashes: parsed.flag("require-hashes"),
    indexes: pipIndexesOf(parsed),
  });
  tell(context, report, !buildWheels);
}

/** These two are asked for each target, not for all. */
function withoutTargets(parsed: Parsed): Parsed {
  const isTarget = (name: string): boolean => name === "python-version" || name === "python-platform";
  return { ...parsed, value: (name) => (isTarget(name) ? undefined : parsed.value(name)) };
}

function tell(context: CommandContext, { folder, files, bundle }: DownloadReport, isDownload: boolean): void {
  if (context.json) {
    context.result({ folder, files: files.map((file) => ({ ...file })), ...(bundle === undefined ? {} : { bundle }) });
    return;
  }
  if (context.quiet > 0) return;
  if (bundle !== undefined) context.terminal.out(`Saved ${printableLine(shownPath(bundle, context.host.cwd))}\n`);
  for (const { path, state } of bundle === undefined ? files : [])
    context.terminal.out(
      state === "saved"
        ? `Saved ${printableLine(shownPath(path, context.host.cwd))}\n`
        : `File was already downloaded ${printableLine(path)}\n`,
    );
  const names = [...new Set(files.map(({ name }) => name))];
  // pip says this at the end of a download only.
  if (names.length > 0 && isDownload) context.terminal.out(`Successfully downloaded ${names.join(" ")}\n`);
}

/** pip writes a path below the working folder as `./name`. */
function shownPath(path: string, cwd: string): string {
  const inner = relative(cwd, path);
  return inner.startsWith("..") ? path : `./${inner}`;
}
