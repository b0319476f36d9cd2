import { isPenError, readTextUnnoticed, realPath, join, resolve } from "#foundation";
import { inheritedRoots, parsePyvenvConfig } from "#venv";
import type { Context } from "../context.ts";
import { placedEnvironments } from "./environment-places.ts";
import { rememberedEnvironments } from "./environment-registry.ts";

/**
 * Who inherits from whom, of all environments that pen knows of: the real path of an environment, and the folders of those that would lose its packages
 * if it were gone. Reads `pyvenv.cfg` of each, without a trace.
 */
export function heirsByRoot({ host, store }: Context): ReadonlyMap<string, readonly string[]> {
  const usedPackages = store.uses().map(({ sitePackages }) => sitePackages);
  const heirs = new Map<string, string[]>();
  for (const { root } of placedEnvironments(host, { roots: rememberedEnvironments(host), usedPackages })) {
    for (const parent of parentsOf(root)) heirs.set(parent, [...(heirs.get(parent) ?? []), root]);
  }
  return heirs;
}

function parentsOf(root: string): string[] {
  try {
    return inheritedRoots(parsePyvenvConfig(readTextUnnoticed(join(root, "pyvenv.cfg")) ?? "")).map((path) =>
      realPath(resolve(root, path)),
    );
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // It, or what it inherits from, is gone.
    throw error;
  }
}
