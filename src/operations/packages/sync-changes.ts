/** What `sync` does where something is missing or too much. */
import type { InstalledDistribution } from "#installer";
import type { Context } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import type { Destination } from "../environment.ts";
import { installPins, sourcesFor, type InstallReport } from "./install.ts";
import type { SyncOptions } from "./sync.ts";
import { withFileOptions, type questionOf, type WantedRequirements } from "./wanted.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { extraBeside, type settle } from "../resolving/settled-pins.ts";
import type { SolveTarget } from "../resolving/target.ts";

interface Changes {
  readonly destination: Destination;
  readonly options: SyncOptions;
  readonly wanted: WantedRequirements;
  readonly asked: ReturnType<typeof questionOf>;
  readonly target: SolveTarget;
  readonly installed: readonly InstalledDistribution[];
  readonly settled: ReturnType<typeof settle>;
}

/** Solves what is open, and makes `destination` hold that and what is settled. Call it under the lock of the environment. Errors as `install`. */
export async function changeTo(context: Context, changes: Changes): Promise<InstallReport> {
  const { destination, options, wanted, asked, target, installed, settled } = changes;
  const client = asked.client(openIndexes(context, withFileOptions(options.indexes ?? {}, wanted.options)));
  const sources = sourcesFor(context, client, { destination, options, file: wanted.options });
  try {
    const answer = await resolveRequirements(context, client, {
      ...plainQuestion,
      ...target,
      ...asked.input,
      requirements: settled.open,
      constraints: wanted.constraints,
      prereleases: options.prereleases ?? "allow",
      noBinary: new Set([...(options.noBinary ?? []), ...wanted.options.noBinary]),
      sources,
    });
    const resolved = { ...answer, pins: [...settled.inPlace, ...answer.pins] };
    const exact = extraBeside(resolved.pins, installed);
    const report = await installPins(context, { destination, installed, resolved, client, options, sources, exact });
    return { ...report, markers: target.markers };
  } finally {
    sources.close();
  }
}
