/**
 * Milliseconds that this process has had the processors so far. Limits on how long pure code may take are held against this and not against the clock, which also
 * counts what other test files do meanwhile.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
