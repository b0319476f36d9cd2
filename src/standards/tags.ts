import { PenError, excerpt } from "#foundation";

/** One compatibility tag of PEP 425: which Python, which binary interface, which platform. Always lower case. */
export interface Tag {
  readonly python: string;
  readonly abi: string;
  readonly platform: string;
}

/** More single tags than this in one compressed set are taken for an attack; real file names stay below 50. */
const maxExpansion = 1024;

const tagSetText =
  /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*-[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*-[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/;
const maxLength = 1024;

/** The tag as it stands in a file name: `cp311-abi3-manylinux_2_17_x86_64`. */
export function tagText(tag: Tag): string {
  return `${tag.python}-${tag.abi}-${tag.platform}`;
}

/**
 * Expands a compressed tag set (`cp311.cp312-abi3-manylinux_2_17_x86_64`) into its single tags, in the order in which
 * they are written. Throws INVALID_TAG for text of another form and for sets of more than 1024 tags. PEP 425.
 */
export function parseTagSet(text: string): Tag[] {
  const problem = tagSetProblem(text);
  if (problem !== undefined) {
    throw new PenError("INVALID_TAG", `${excerpt(text)} is not a compatibility tag`, {
      why: problem,
      hint: "A tag has three parts, as in py3-none-any or cp312-cp312-manylinux_2_28_x86_64.",
    });
  }
  const [pythons = [], abis = [], platforms = []] = text
    .toLowerCase()
    .split("-")
    .map((part) => part.split("."));
  return pythons.flatMap((python) => abis.flatMap((abi) => platforms.map((platform) => ({ python, abi, platform }))));
}

/** Why `text` is no usable tag set; undefined when it is one. Cheap: expands nothing. */
export function tagSetProblem(text: string): string | undefined {
  if (text.length > maxLength) return `It is longer than ${maxLength} characters.`;
  if (!tagSetText.test(text))
    return "It must have three parts joined by '-', each of words joined by '.'; words hold letters, digits and '_', and the first part's begin with no digit.";
  if (!text.includes(".")) return undefined;
  const expansion = text.split("-").reduce((product, part) => product * part.split(".").length, 1);
  return expansion > maxExpansion ? `It stands for ${expansion} tags; at most ${maxExpansion} are allowed.` : undefined;
}
