import { isPenError, printableLine, readText, warn, basename, resolve } from "#foundation";
import { parseRequirementArgument } from "#project";
import { normalizeName, tryParseWheelFilename, type NormalizedName } from "#standards";
import type { Settings } from "../settings.ts";

export interface FrozenLines {
  /** All that is installed. */
  readonly lines: ReadonlyArray<{ readonly name: NormalizedName; readonly line: string }>;
  /** The lines that stand there without any file: the tools and what is excluded are not among them. */
  readonly shown: ReadonlySet<string>;
}

const keptOptions =
  /^(?:-r|--requirement|-f|--find-links|-i|--index-url|--pre|--trusted-host|--process-dependency-links|--extra-index-url|--use-feature)/;

/** The lines in the order of requirements files, with their comments and options, as `pip freeze -r` has it. Errors: `FILE_SYSTEM`. */
export function inFileOrder(context: Settings, files: readonly string[], { lines, shown }: FrozenLines): string[] {
  const waiting = new Map(lines.map(({ name, line }) => [name, line]));
  const seenIn = new Map<string, string[]>();
  const kept = new Set<string>();
  const result: string[] = [];
  for (const file of files) {
    const text = readText(resolve(context.host.cwd, file));
    for (const line of text.split(/\r?\n/).slice(0, text.endsWith("\n") ? -1 : undefined)) {
      if (line.trim() === "" || line.trim().startsWith("#") || keptOptions.test(line)) {
        const option = line.trimEnd();
        if (!kept.has(option)) result.push(option);
        kept.add(option);
        continue;
      }
      const name = nameOf(line, context);
      if (name === undefined) continue;
      const found = waiting.get(name);
      waiting.delete(name);
      const places = seenIn.get(name) ?? [];
      if (found !== undefined) result.push(found);
      else if (places.length === 0) {
        const what = printableLine(line.replace(/(^|\s+)#.*$/, "").trim());
        warn(
          context.emit,
          "not-installed",
          `Requirement file [${printableLine(file)}] contains ${what}, but package '${name}' is not installed`,
        );
      }
      if (found !== undefined || places.length > 0) seenIn.set(name, [...places, file]);
    }
  }
  for (const [name, places] of seenIn)
    if (places.length > 1)
      warn(
        context.emit,
        "named-twice",
        `Requirement ${name} included multiple times [${[...new Set(places)].sort().map(printableLine).join(", ")}]`,
      );
  return [...result, "## The following requirements were added by pip freeze:", ...[...waiting.values()].filter((line) => shown.has(line))];
}

/** The project that a line of a requirements file means; undefined, with a note, when only its place is named. */
function nameOf(line: string, context: Settings): NormalizedName | undefined {
  const text = line
    .replace(/^(?:-e|--editable)[\s=]*/, "")
    .replace(/(^|\s+)#.*$/, "")
    .replace(/\s+--hash\S*.*$/, "")
    .replace(/\\$/, "")
    .trim();
  const egg = /[#&]egg=([^&[]+)/.exec(text)?.[1];
  if (egg !== undefined) return normalizeName(egg);
  try {
    const { source } = parseRequirementArgument(text, context.host.cwd);
    if (source.kind === "named") return source.requirement.name;
    const wheel = tryParseWheelFilename(basename(source.location));
    if (wheel !== undefined) return wheel.name;
  } catch (error) {
    if (!isPenError(error)) throw error;
  }
  const { emit } = context;
  emit({
    type: "log",
    level: "info",
    code: "unclear-line",
    message: `Skipping a line whose package is not clear: ${printableLine(line.trim())}`,
  });
  return undefined;
}
