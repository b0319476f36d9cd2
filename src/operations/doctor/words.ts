import { posix } from "node:path";
import { shellWord } from "../shells/shell-word.ts";

/** `A link (a)`, `3 links (a, …)`. */
export function some(paths: readonly string[], word: string): string {
  const first = posix.basename(paths[0] ?? "");
  return paths.length === 1 ? `A ${word} (${first})` : `${paths.length} ${word}s (${first}, …)`;
}

/** The command that mends the environment at `root`. */
export const repairHint = (root: string): string => `pen env repair ${shellWord(root)}`;
