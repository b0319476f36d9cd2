import { type Host, readTextIfAny, uptime } from "#foundation";

/**
 * A word for the time since the machine was started. Files written in this boot are what the kernel says they are; after a
 * power cut, files of an earlier boot may be empty or torn though their names are there.
 */
export function bootId(host: Host): string {
  const linux = host.platform === "linux" ? readTextIfAny("/proc/sys/kernel/random/boot_id")?.trim() : undefined;
  if (linux !== undefined && linux !== "") return linux;
  // Whole ten minutes: the clock is set a little now and then. A wrong answer costs one check by content.
  return `up-${Math.round((host.now() - uptime()) / 600_000)}`;
}
