// Loaded by --import into a process under test: says, at its end, how much memory it had resident at its peak.
import { writeFileSync } from 'node:fs';

const file = process.env.OXBOW_PEAK;

process.on('exit', () => {
  if (file) writeFileSync(file, String(process.resourceUsage().maxRSS * 1024));
});
