import { lockEnvironment, needsRecovery, recover, targetOf } from "#installer";
import { isLeftUnseeded, openEnvironment, type CreateEnvironmentOptions, type Environment } from "#venv";
import type { Settings } from "../settings.ts";

/**
 * The environment that a command with these options made and was killed over before it had put its packages in: what it had begun of them is undone.
 * Undefined for every other environment, whole ones among them. Waits for a command that is at work in it. Errors: those of the lock and of `recover`.
 */
export async function openUnseeded(
  how: CreateEnvironmentOptions,
  { host, cacheFolder, signal, emit }: Settings,
): Promise<Environment | undefined> {
  const { root } = how;
  const paths = { purelib: root, platlib: root, scripts: root, data: root, include: root };
  if (!needsRecovery({ root, paths, pythonVersion: "" }) && !isLeftUnseeded(how)) return undefined;
  const environment = await openEnvironment(root, { host, cacheFolder, signal });
  const target = targetOf(environment);
  const lock = await lockEnvironment(target, emit, signal);
  try {
    recover(target, emit);
    return isLeftUnseeded(how) ? environment : undefined;
  } finally {
    lock.release();
  }
}
