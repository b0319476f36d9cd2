import { isPenError, printableLine } from "#foundation";
import { parseRequirement } from "#standards";
import { checkKeys, kindOf, type SectionReader } from "./section.ts";

/** `[seed]`: what goes into every new environment. */
export interface SeedConfiguration {
  /** True, false, or which versions: `==25.0`. Undefined: nothing is said. */
  readonly pip: boolean | string | undefined;
  /** Beside pip: `setuptools`, `wheel==0.45`. */
  readonly packages: readonly string[];
}

/** Reads the section. A project file never has it: see docs/configuration.md. */
export const readSeedSection: SectionReader<SeedConfiguration> = (section) => {
  checkKeys(section, "seed", ["pip", "packages"]);
  const { values, fail } = section;
  const { pip, packages = [] } = values;
  if (pip !== undefined && typeof pip !== "boolean" && typeof pip !== "string")
    throw fail("pip", `pip in [seed] is true, false or a version, not ${kindOf(pip)}`, 'Write for example: pip = "==25.0"');
  if (typeof pip === "string" && (pip.trim() === "" || nameOf(`pip${pip}`) !== "pip"))
    throw fail(
      "pip",
      `${printableLine(JSON.stringify(pip))} does not say which versions of pip`,
      'Write for example: pip = "==25.0", or pip = ">=24,<26"',
    );
  if (!Array.isArray(packages))
    throw fail(
      "packages",
      `packages in [seed] is a list of texts, not ${kindOf(packages)}`,
      'Write for example: packages = ["setuptools"]',
    );
  const texts = packages.map((text: unknown) => {
    if (typeof text !== "string")
      throw fail(
        "packages",
        `packages in [seed] is a list of texts, and one of them is ${kindOf(text)}`,
        'Write for example: packages = ["setuptools"]',
      );
    const name = nameOf(text);
    if (name === undefined)
      throw fail(
        "packages",
        `${printableLine(JSON.stringify(text))} is no requirement`,
        'Write a name with an optional version: "setuptools", "wheel==0.45"',
      );
    if (name === "pip")
      throw fail("packages", "pip in [seed] has a key of its own", `Write: pip = "${printableLine(text.slice(3).trim()) || "true"}"`);
    return text;
  });
  return { pip, packages: texts };
};

/** The normalised name of a requirement; undefined when it is none. */
function nameOf(text: string): string | undefined {
  try {
    return parseRequirement(text).name;
  } catch (error) {
    if (!isPenError(error)) throw error;
    return undefined;
  }
}
