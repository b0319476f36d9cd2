/** Adding a wheel in another thread of the program: checking and unpacking are most of the work of a cold install. */
import { delayJit, inThread, readHost, type Emit, type Host } from "#foundation";
import { addWheel } from "./adding.ts";
import type { StoreContext } from "./context.ts";
import { findEntry } from "./entries.ts";
import type { WheelFile } from "./interface.ts";
import { storePlaces } from "./places.ts";

/** What the thread has to know. */
interface Order {
  readonly wheel: WheelFile;
  readonly cacheFolder: string;
  readonly platform: Host["platform"];
  readonly boot: string;
}

/** As `addWheel`, in whichever thread is free. Gives the SHA-256 of the wheel. */
export function addInThread(wheel: WheelFile, { cacheFolder, host, boot, emit }: StoreContext): Promise<string> {
  return inThread<string>("add-wheel", { wheel, cacheFolder, platform: host.platform, boot: boot() } satisfies Order, emit);
}

/** The other side of {@link addInThread}. */
export async function addWheelApart({ wheel, cacheFolder, platform, boot }: Order, emit: Emit): Promise<string> {
  // To compile all of it, in each thread for itself, takes longer than it saves.
  delayJit(20);
  const places = storePlaces(cacheFolder);
  const find = (sha256: string) => findEntry(places, sha256);
  const { manifest } = await addWheel(wheel, { cacheFolder, emit, host: readHost({ platform }), places, boot: () => boot, find });
  return manifest.sha256;
}
