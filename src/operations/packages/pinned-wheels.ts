import type { IndexClient } from "#index";
import type { NormalizedName } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import { fetchWheels } from "./fetch.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import type { Sources } from "../building/source-types.ts";

interface PinnedInput {
  readonly pins: readonly Pin[];
  readonly sources: Sources | undefined;
}

/** The wheels of pins in the store: fetched, built, or there already, side by side. Errors: those of fetching and building. */
export async function wheelsByName(
  context: Context,
  client: IndexClient,
  { pins, sources }: PinnedInput,
): Promise<Map<NormalizedName, StoredWheel>> {
  const toBuild = pins.filter((pin) => pin.source !== undefined);
  const wanted = pins.flatMap((pin) =>
    pin.file === undefined || pin.source !== undefined || pin.stored !== undefined
      ? []
      : [{ name: pin.locked.name, version: pin.locked.version ?? "", file: pin.file, hashes: pin.hashes }],
  );
  const building = toBuild.length === 0 ? Promise.resolve([]) : buildAll(context, toBuild, sources);
  // A build that fails first is told first; the other is let end before anybody goes on.
  const [fetched, built] = await Promise.allSettled([fetchWheels(context, client, { wanted }), building]);
  if (built.status === "rejected") throw built.reason;
  if (fetched.status === "rejected") throw fetched.reason;
  const stored = pins.flatMap((pin) => pin.stored ?? []);
  return new Map([...stored, ...fetched.value, ...built.value].map((wheel) => [wheel.manifest.name, wheel]));
}

async function buildAll(context: Context, pins: readonly Pin[], sources: Sources | undefined): Promise<StoredWheel[]> {
  if (sources === undefined) return [];
  const builder = await sources.builder();
  context.emit({ type: "phase", phase: "build" });
  const results = await Promise.allSettled(pins.map(async ({ source }) => source && builder.wheel(source)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.flatMap((result) => (result.status === "fulfilled" ? (result.value ?? []) : []));
}

/** The same as a list. */
export async function wheelsOfPins(context: Context, client: IndexClient, input: PinnedInput): Promise<StoredWheel[]> {
  return [...(await wheelsByName(context, client, input)).values()];
}
