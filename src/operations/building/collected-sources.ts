import { archiveTree } from "#builds";
import { makeTemporaryFolder, temporaryBeside, warn, writeNew, type Emit, join } from "#foundation";
import type { Pin } from "../resolving/resolve-types.ts";

/** A file that was made of a source and stays until the command ends. */
interface MadeFile {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly path: string;
}

/**
 * What `pip download` keeps of sources that were named by their place: of a repository a zip file with its files, made in `stage`; an archive is fetched like
 * any other file; of a folder nothing, since it is here already. Errors: those of fetching.
 */
export async function collectSources(
  pins: readonly Pin[],
  { emit, stage }: { readonly emit: Emit; readonly stage: string },
): Promise<{ readonly pins: readonly Pin[]; readonly built: readonly MadeFile[] }> {
  const kindOf = ({ source, locked }: Pin): string | undefined => (source === undefined ? undefined : locked.direct?.info.kind);
  for (const { locked } of pins.filter((pin) => kindOf(pin) === "dir"))
    warn(emit, "not-collected", `${locked.name} is a folder of this machine: nothing of it is collected. pen pip wheel makes its wheel.`);
  const built = await Promise.all(pins.filter((pin) => kindOf(pin) === "vcs").map((pin) => repositoryFile(pin, stage)));
  return { pins: pins.filter((pin) => kindOf(pin) !== "dir" && kindOf(pin) !== "vcs"), built };
}

async function repositoryFile({ source, locked }: Pin, stage: string): Promise<MadeFile> {
  const version = locked.version ?? "";
  const stem = `${locked.name}-${version}`;
  const fetched = await source?.fetch(makeTemporaryFolder(stage));
  const path = temporaryBeside(join(stage, `${stem}.zip`));
  writeNew(path, archiveTree(fetched?.root ?? stage, stem));
  return { name: locked.name, version, filename: `${stem}.zip`, path };
}
