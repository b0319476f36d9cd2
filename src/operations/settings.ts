import { cacheDir, readHost, silent, type Emit, type Host } from "#foundation";

/** What every operation takes: the machine, where to cache, whom to tell. All of it is optional for library callers. */
export interface OperationOptions {
  readonly host?: Host;
  /** pen's cache folder; default as `PEN_CACHE_DIR` or the platform has it. */
  readonly cacheFolder?: string;
  readonly onEvent?: Emit;
  readonly signal?: AbortSignal;
}

/** The same with everything filled in. */
export interface Settings {
  readonly host: Host;
  readonly cacheFolder: string;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
}

/** Fills in what the caller left out. Loads no other room: the quick commands need nothing more. */
export function readSettings(options: OperationOptions): Settings {
  const host = options.host ?? readHost();
  return { host, cacheFolder: options.cacheFolder ?? cacheDir(host), emit: options.onEvent ?? silent, signal: options.signal };
}
