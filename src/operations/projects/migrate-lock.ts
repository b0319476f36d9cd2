import { dirname } from "#foundation";
import type { NormalizedName } from "#standards";
import type { Context } from "../context.ts";
import { interpreterForFolder } from "../environment.ts";
import { withDotenv } from "./dotenv.ts";
import { lockProject } from "./lock-project.ts";
import type { FetchOptions } from "./project-sources.ts";
import { openProject } from "./project.ts";

/** Locks a Pipfile that was just made, preferring the versions that another tool had chosen. Errors: those of locking. */
export async function lockMigrated(
  context: Context,
  made: {
    readonly path: string;
    readonly pins: ReadonlyMap<NormalizedName, string>;
    readonly python: string | undefined;
    readonly fetching: FetchOptions;
  },
): Promise<void> {
  const { host, cacheFolder, emit, signal } = context;
  // As if typed in the project's folder: its `.env` has the variables of its sources.
  const there = { ...host, cwd: dirname(made.path) };
  const options = withDotenv({ host: there, cacheFolder, onEvent: emit, ...(signal === undefined ? {} : { signal }) });
  const project = openProject({ ...options, pipfile: made.path });
  const interpreter = await interpreterForFolder(context, made.python);
  await lockProject({ ...options, project, interpreter, preferences: made.pins, fetching: made.fetching, write: true });
}
