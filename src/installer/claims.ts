import { readTextIfAny } from "#foundation";
import { parseRecord } from "#standards";
import { recordedPath } from "./layout.ts";
import { readLinkedList, type LinkedList } from "./linked-list.ts";
import type { InstalledDistribution, InstallTarget } from "./types.ts";

/**
 * Which of `paths` (absolute) belong to one of `owners`, with the owner's name. Reads every owner's RECORD, so it is asked
 * only about files that shall go, or that are in the way.
 */
export function claimedFiles(
  target: InstallTarget,
  owners: readonly InstalledDistribution[],
  paths: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const claims = new Map<string, string>();
  if (paths.size === 0) return claims;
  let linked: LinkedList | undefined;
  for (const owner of owners) {
    const note = (path: string | undefined): void => {
      if (path !== undefined && paths.has(path) && !claims.has(path)) claims.set(path, owner.name);
    };
    if (owner.linked) {
      linked ??= readLinkedList(target);
      for (const path of linked[owner.path.slice(owner.path.lastIndexOf("/") + 1)]?.paths ?? []) note(`${target.root}/${path}`);
      continue;
    }
    const record = readTextIfAny(`${owner.path}/${owner.kind === "wheel" ? "RECORD" : "installed-files.txt"}`);
    if (record === undefined) continue;
    const base = owner.kind === "wheel" ? owner.location : owner.path;
    for (const row of rowPaths(record)) note(isPlain(row) ? `${base}/${row}` : recordedPath(target.root, base, row));
  }
  return claims;
}

function isPlain(row: string): boolean {
  return !row.startsWith("/") && !row.startsWith(".") && !row.includes("/.") && !row.includes("//");
}

/** The first fields of the rows. Without quotes a line is a row; else the whole text goes through the parser. */
function rowPaths(record: string): string[] {
  if (!record.includes('"')) {
    return record.split("\n").map((line) => {
      const comma = line.indexOf(",");
      return (comma < 0 ? line : line.slice(0, comma)).trimEnd();
    });
  }
  try {
    return parseRecord(record).map(({ path }) => path);
  } catch {
    return []; // A broken RECORD of a bystander claims nothing.
  }
}
