/**
 * Milliseconds of processor time that this process has used so far, its
 * collector and compiler threads included. For work that never waits this is
 * the time it takes, whatever else the machine is doing.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
