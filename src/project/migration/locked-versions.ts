import { tryNormalizeName, tryParseVersion, type NormalizedName } from "#standards";
import { isTomlArray, isTomlTable, own, readToml } from "../toml/reading.ts";

/** The versions that `poetry.lock` or `uv.lock` chose, by name; of a package with several the first. Errors: INVALID_PROJECT for what is no TOML. */
export function lockedVersions(text: string, path: string): ReadonlyMap<NormalizedName, string> {
  const packages = own(readToml({ path, text }), "package");
  const found = new Map<NormalizedName, string>();
  for (const entry of isTomlArray(packages) ? packages : []) {
    if (!isTomlTable(entry)) continue;
    const written = own(entry, "name");
    const name = typeof written === "string" ? tryNormalizeName(written) : undefined;
    const version = own(entry, "version");
    if (name !== undefined && typeof version === "string" && tryParseVersion(version) !== undefined && !found.has(name))
      found.set(name, version);
  }
  return found;
}
