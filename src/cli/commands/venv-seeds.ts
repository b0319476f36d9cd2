import type { Parsed } from "../arguments/types.ts";
import type { SeedConfiguration } from "../configuration/seed.ts";

/**
 * What goes into a new environment, as requirements: what the command line says, else what the configuration says, else pip. `--no-seed` (and `--without-pip`,
 * as in venv) means nothing at all but what `--seed-package` names.
 */
export function seedsOf(parsed: Parsed, configured: SeedConfiguration | undefined): readonly string[] {
  const named = parsed.list("seed-package");
  const asked = parsed.flagIfGiven("seed");
  if (asked === false || parsed.flag("without-pip")) return withoutDoubles(named);
  const pip = asked === true && typeof configured?.pip !== "string" ? true : (configured?.pip ?? true);
  const left = new Set(["setuptools", "wheel"].filter((name) => parsed.flag(`no-${name}`)));
  const packages = (configured?.packages ?? []).filter((text) => !left.has(nameOf(text)));
  return withoutDoubles([...named, ...(pip === false ? [] : [pip === true ? "pip" : `pip${pip}`]), ...packages]);
}

/** The first of each name: what is named on the command line comes first. pip leads the list, as it is told of. */
function withoutDoubles(texts: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const text of texts) if (!byName.has(nameOf(text))) byName.set(nameOf(text), text);
  const pip = byName.get("pip");
  byName.delete("pip");
  return [...(pip === undefined ? [] : [pip]), ...byName.values()];
}

/** The name that a requirement begins with, normalised (PEP 503). */
function nameOf(text: string): string {
  return (/^[A-Za-z0-9._-]*/.exec(text.trim())?.[0] ?? "").toLowerCase().replace(/[-_.]+/g, "-");
}
