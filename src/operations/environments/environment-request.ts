import { isFolder, listFolder, join } from "#foundation";
import type { PyvenvConfig } from "#venv";

/** `3.12`, `3.13t`, `pypy3.10`: the Python that the environment at `root` was made for, as a request; undefined when it does not say. */
export function requestOf(root: string, config: PyvenvConfig): string | undefined {
  const version = /^\d+\.\d+/.exec(config.get("version_info") ?? config.get("version") ?? config.get("python-version") ?? "")?.[0];
  const library = join(root, "lib");
  const names = (isFolder(library) ? listFolder(library) : []).flatMap(({ name }) => /^(?:python|pypy)\d+\.\d+t?$/.exec(name)?.[0] ?? []);
  const name = names.find((one) => one.replace(/^\D+|t$/g, "") === version) ?? (version === undefined ? names[0] : undefined);
  if (name !== undefined) return name.replace(/^python/, "");
  const isPyPy = config.get("implementation")?.toLowerCase() === "pypy";
  return version === undefined ? undefined : `${isPyPy ? "pypy" : ""}${version}`;
}
