import type { IndexClient } from "#index";
import type { Sources } from "../building/source-types.ts";
import { openSources } from "../building/sources.ts";
import type { Context } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import type { Depot, RepairOptions } from "./types.ts";

/** Opens it for the repair of one environment. */
export function openDepot(context: Context, { indexes = {}, builds = {}, dryRun }: RepairOptions): Depot {
  let client: IndexClient | undefined;
  let sources: Sources | undefined;
  const open = (): IndexClient => (client ??= openIndexes(context, indexes));
  // Who only wants to know what would be done is asked nothing.
  const { confirm, ...choices } = builds;
  return {
    client: open,
    sources: (environment) =>
      (sources ??= openSources(context, open(), {
        interpreter: environment.interpreter,
        choices: confirm === undefined || dryRun === true ? choices : { ...choices, confirm },
        noBinary: [],
        onlyBinary: [],
        environment,
      })),
    ready: new Map(),
    close: () => sources?.close(),
  };
}
