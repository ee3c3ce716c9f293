/** Milliseconds that the processor has worked since: a machine that does other work too makes a test late, not busy. */
export function busyTime(): () => number {
  const from = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };
}
