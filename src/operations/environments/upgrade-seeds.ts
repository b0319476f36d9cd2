import { findInterpreters } from "#python";
import { openAppData, type AppDataOptions } from "../virtualenv/app-data.ts";
import { openContext, type IndexOptions } from "../context.ts";
import { holdStore } from "../store-holding.ts";
import { findSeeds } from "./seed.ts";
import { readSettings, type OperationOptions } from "../settings.ts";
import { wantedSeeds } from "../virtualenv/seeds.ts";

export interface UpgradeSeedsOptions extends OperationOptions {
  readonly indexes?: IndexOptions;
  readonly appData?: AppDataOptions;
}

/** What new environments of one Python start with from now on. */
export interface UpgradedSeeds {
  readonly python: string;
  readonly version: string;
  readonly seeds: ReadonlyArray<{ readonly name: string; readonly version: string }>;
}

/** Asks the index for the newest seeds of every Python of this machine, and puts them into the store. Errors: those of asking an index. */
export async function upgradeSeeds(options: UpgradeSeedsOptions = {}): Promise<UpgradedSeeds[]> {
  const settings = readSettings(options);
  const appData = await openAppData(settings, options.appData ?? {});
  const { cacheFolder } = appData;
  const context = openContext({ ...options, cacheFolder });
  const held = await holdStore(context);
  try {
    const upgraded = new Map<string, UpgradedSeeds>();
    for (const interpreter of await findInterpreters({ ...settings, cacheFolder })) {
      if (upgraded.has(interpreter.cacheTag)) continue;
      const names = wantedSeeds({}, interpreter).map(([name]) => name);
      // `pen venv` starts with pip alone.
      const sets = names.length === 1 ? [names] : [["pip"], names];
      let seeds: UpgradedSeeds["seeds"] = [];
      for (const set of sets) {
        const wheels = await findSeeds(context, { interpreter, names: set, indexes: { ...options.indexes, refresh: true }, age: 0 });
        seeds = wheels.map(({ manifest }) => ({ name: manifest.name, version: manifest.version }));
      }
      upgraded.set(interpreter.cacheTag, { python: interpreter.executable, version: interpreter.version, seeds });
    }
    return [...upgraded.values()];
  } finally {
    held?.release();
    appData.close();
  }
}
