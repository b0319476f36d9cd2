import type { JsonValue } from "#foundation";
import type { LockReport } from "#operations";
import type { Colours } from "../command.ts";

const marks = { added: "+", removed: "-", upgraded: "↑", downgraded: "↓", changed: "~" } as const;

/** What a new lock changes, a line each. */
export function changeLines(changes: LockReport["changes"], colour: Colours): string[] {
  const paint = { added: colour.green, removed: colour.red, upgraded: colour.green, downgraded: colour.yellow, changed: colour.cyan };
  return changes.map(({ kind, name, category, before, after: now, why }) => {
    const versions = kind === "added" ? (now ?? "") : kind === "removed" ? (before ?? "") : `${before ?? ""} → ${now ?? ""}`;
    const where = category === "default" ? "" : ` [${category}]`;
    return ` ${paint[kind](marks[kind])} ${name} ${versions}${where} ${colour.dim(`(${why})`)}`;
  });
}

/** What a new lock changes, and what became of the file. */
export function lockLines({ changes, after }: LockReport, colour: Colours): string[] {
  const lines = changeLines(changes, colour);
  const hash = (after.meta.hash ?? "").slice(-6);
  return [...lines, changes.length === 0 ? `Pipfile.lock (${hash}) stays as it is.` : `Updated Pipfile.lock (${hash})!`];
}

/** The same for programs. */
export function lockJson({ changes, after }: LockReport): Readonly<Record<string, JsonValue | undefined>> {
  return {
    hash: after.meta.hash,
    changes: changes.map((change) => ({ ...change, before: change.before ?? null, after: change.after ?? null })),
  };
}
