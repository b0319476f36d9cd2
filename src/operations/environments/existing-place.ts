/** What {@link createEnvironment} has to know and do where something stands already; loaded when it does. */
import { statusOf } from "#foundation";
import { checkPlace, isEnvironment, readPyvenvConfig, type CreateEnvironmentOptions as BuildOptions, type Environment } from "#venv";
import type { Settings } from "../settings.ts";
import { requestOf } from "./environment-request.ts";
import { openUnseeded } from "./unseeded.ts";

export { createEnvironment } from "#venv";
export { checkKept } from "./inheritance.ts";

/** The Python that an environment which is laid over was made for: its packages are for that. */
export function requestAt(root: string): string | undefined {
  const config = isEnvironment(root) ? readPyvenvConfig(`${root}/pyvenv.cfg`) : undefined;
  return config === undefined ? undefined : requestOf(root, config);
}

/**
 * The environment of an earlier command with these options that was killed before it put the packages in; undefined for every other one. Throws what
 * `createEnvironment` would throw because of the place.
 */
export async function findUnseeded(how: BuildOptions, settings: Settings): Promise<Environment | undefined> {
  const may = how.seeded === true && how.clear !== true && how.allowExisting !== true;
  const isOne = may && isEnvironment(how.root) && statusOf(`${how.root}/.pen`) !== undefined;
  const unseeded = isOne ? await openUnseeded(how, settings) : undefined;
  if (unseeded === undefined) checkPlace(how);
  return unseeded;
}
