import { isPenError } from "#foundation";
import { anySpecifiers, parseSpecifiers, type SpecifierSet } from "#standards";

/** A constraint of poetry in PEP 440. */
export interface ReadConstraint {
  readonly specifiers: SpecifierSet;
  /** Set where it had alternatives (`||`), which PEP 440 has not: only the last is taken. */
  readonly isCut: boolean;
}

/**
 * Reads a version constraint as poetry writes it: `^1.2`, `~1.2`, `1.*`, `>=1,<2`, `>=1 <2`, `1.2` (which means `==`), `*`. Undefined for what is none.
 */
export function readConstraint(text: string): ReadConstraint | undefined {
  const alternatives = text.split("|");
  const last = alternatives.at(-1) ?? "";
  const parts = last
    .trim()
    .replace(/(\^|~|[<>=!~]=?|===)\s+/g, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "" && part !== "*");
  const written = parts.map(onePart);
  if (written.includes(undefined)) return undefined;
  try {
    return { specifiers: written.length === 0 ? anySpecifiers : parseSpecifiers(written.join(",")), isCut: alternatives.length > 1 };
  } catch (error) {
    if (isPenError(error)) return undefined;
    throw error;
  }
}

function onePart(part: string): string | undefined {
  const caret = /^(\^|~)(?!=)v?([0-9].*)$/.exec(part);
  if (caret === null) return /^v?[0-9]/.test(part) ? `==${part.replace(/^v/, "").replace(/\.x$/i, ".*")}` : part;
  const [, sign, version = ""] = caret;
  const release = /^\d{1,9}(?:\.\d{1,9}){0,5}/.exec(version)?.[0];
  if (release === undefined) return undefined;
  const upper = sign === "^" ? afterCaret(release) : afterTilde(release);
  return `>=${version.replace(/\.\*$/, "")},<${upper}`;
}

/** The first release that `^` leaves out: the leftmost part that is not zero goes up. */
function afterCaret(release: string): string {
  const parts = release.split(".").map(Number);
  const first = parts.findIndex((part) => part !== 0);
  return raised(parts, first < 0 ? parts.length - 1 : first);
}

/** The first release that `~` leaves out: the second part goes up, or the only one. */
function afterTilde(release: string): string {
  const parts = release.split(".").map(Number);
  return raised(parts, Math.min(1, parts.length - 1));
}

function raised(parts: readonly number[], at: number): string {
  return parts.map((part, index) => (index < at ? part : index === at ? part + 1 : 0)).join(".");
}
