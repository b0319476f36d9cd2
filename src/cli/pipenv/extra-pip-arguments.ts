import { excerpt, PenError } from "#foundation";

/** What `--extra-pip-args` may say here. */
export interface ExtraPipArguments {
  readonly index: string | undefined;
  readonly noBinary: readonly string[];
  readonly configSettings: readonly string[];
}

/** Options of pip that ask for what pen does anyway. */
const usual = new Set([
  "--no-cache-dir",
  "--disable-pip-version-check",
  "--no-input",
  "--prefer-binary",
  "--progress-bar=off",
  "--use-pep517",
]);

/**
 * The words of `--extra-pip-args`: those that have a meaning here are taken, those that ask for what is so anyway are passed over, all others are refused.
 * Errors: `USAGE` that names the word.
 */
export function extraPipArguments(text: string | undefined): ExtraPipArguments {
  const words = (text ?? "").split(/\s+/).filter((word) => word !== "");
  const found = { index: undefined as string | undefined, noBinary: [] as string[], configSettings: [] as string[] };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (usual.has(word)) continue;
    const [, name = word, joined] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
    const value = joined ?? words[at + 1];
    if (value !== undefined && name === "--index-url") found.index = value;
    else if (value !== undefined && name === "--no-binary") found.noBinary.push(...value.split(","));
    else if (value !== undefined && name === "--config-settings") found.configSettings.push(value);
    else throw refused(word);
    if (joined === undefined) at += 1;
  }
  return found;
}

function refused(word: string): PenError {
  return new PenError("USAGE", `pen does not pass ${excerpt(word)} on to pip: it installs by itself`, {
    why: "Understood are --index-url, --no-binary and --config-settings.",
    hint: "Leave the word away, or write what you need into the Pipfile.",
  });
}
