import { isPenError, PenError, printableLine, redactUrl, warn, type Emit } from "#foundation";
import type { OptionSpec, Parsed } from "./types.ts";

export interface CheckOptions {
  /** How the command is called: `pen pip install`. */
  readonly command: string;
  readonly emit: Emit;
}

/** Refuses the options that are understood and not done, and tells of those that change nothing. Throws `USAGE`. */
export function checkOptions(parsed: Parsed, specs: readonly OptionSpec[], { command, emit }: CheckOptions): void {
  for (const spec of specs) {
    if (spec.refused === undefined && spec.idle === undefined) continue;
    if (!isGiven(parsed, spec)) continue;
    const origin = parsed.origin(spec.name);
    if (spec.refused !== undefined) {
      const where = origin === undefined ? "" : `\nIt comes from ${origin}.`;
      throw new PenError("USAGE", `${command} does not take --${spec.name}`, {
        why: `${spec.refused.why}${where}`,
        hint: spec.refused.hint,
      });
    }
    // What a configuration says for all commands is no word to this one.
    if (origin === undefined) warn(emit, "option-without-effect", `--${spec.name} ${spec.idle ?? ""}.`);
  }
}

function isGiven(parsed: Parsed, { name, kind }: OptionSpec): boolean {
  if (kind === "flag") return parsed.flag(name);
  return kind === "count" ? parsed.count(name) > 0 : parsed.list(name).length > 0;
}

/** Tells where each value comes from that does not stand on the command line (shown with `-v`). */
export function tellOrigins(parsed: Parsed, specs: readonly OptionSpec[], emit: Emit): void {
  for (const spec of specs) {
    const origin = parsed.origin(spec.name);
    if (origin === undefined) continue;
    const value =
      spec.kind === "flag"
        ? parsed.flag(spec.name)
          ? "yes"
          : "no"
        : spec.kind === "count"
          ? String(parsed.count(spec.name))
          : parsed.list(spec.name).join(" ");
    emit({
      type: "log",
      level: "debug",
      code: "setting",
      message: `--${spec.name} is ${printableLine(redactUrl(value))} (from ${origin})`,
    });
  }
}

/** Settings that decide whom pen asks and how: where something fails there, people forget that they set them. */
const whom: readonly string[] = ["index-url", "extra-index-url", "no-index", "find-links"];
const how: readonly string[] = ["proxy", "cert", "trusted-host", "timeout", "retries"];
const weighty: ReadonlyMap<string, readonly string[]> = new Map([
  ["PACKAGE_NOT_FOUND", whom],
  ["RESOLUTION_CONFLICT", whom],
  ["AUTH_REQUIRED", whom],
  ["EXTERNALLY_MANAGED", ["user", "break-system-packages", "python"]],
  ["INVALID_CONFIG", [...whom, ...how]],
  ["NETWORK", [...whom, ...how]],
]);

/** For an error that settings lead to: lines that tell which of them do not stand on the command line. Empty for other errors. */
export function originNotes(parsed: Parsed, specs: readonly OptionSpec[], error: unknown): string {
  const names = isPenError(error) ? (weighty.get(error.code) ?? []) : [];
  const notes = specs.flatMap(({ name }) => {
    const origin = names.includes(name) ? parsed.origin(name) : undefined;
    return origin === undefined ? [] : [`note: --${name} comes from ${origin}\n`];
  });
  return notes.join("");
}
