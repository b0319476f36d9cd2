import type { Context } from "../context.ts";
import { environmentDestination, findEnvironment, folderDestination, type Destination } from "../environment.ts";

/** Where an installing command works: the folder that is named, else an environment. Errors: as `findEnvironment`. */
export function chooseDestination(
  context: Context,
  options: { python?: string | undefined; target?: string | undefined; prefix?: string | undefined },
): Promise<Destination> {
  if (options.target !== undefined) return folderDestination(context, "target", { path: options.target, python: options.python });
  if (options.prefix !== undefined) return folderDestination(context, "prefix", { path: options.prefix, python: options.python });
  return findEnvironment(context, options).then(environmentDestination);
}
