import { posix } from "#foundation";
import { shellWord } from "../shells/shell-word.ts";

/** `A link (a)`, `An activation script (a)`, `3 links (a, …)`. */
export function some(paths: readonly string[], word: string): string {
  const first = posix.basename(paths[0] ?? "");
  const article = /^[aeiou]/.test(word) ? "An" : "A";
  return paths.length === 1 ? `${article} ${word} (${first})` : `${paths.length} ${word}s (${first}, …)`;
}

/** The verb to {@link some}. */
export const are = (paths: readonly string[]): string => (paths.length === 1 ? "is" : "are");

/** The command that mends the environment at `root`. */
export const repairHint = (root: string): string => `pen env repair ${shellWord(root)}`;
