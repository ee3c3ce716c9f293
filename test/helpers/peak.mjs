// Loaded by --import into a process under test: says, at its end, how much memory it had resident at its peak, and
// ends it in an odd way if what all objects are made from is not as it was.
import { writeFileSync } from 'node:fs';

const file = process.env.OXBOW_PEAK;
const keys = () =>
  [Object, Array, Function, String, Number, Map]
    .map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join())
    .join(';');
const before = keys();

process.on('exit', () => {
  if (file) writeFileSync(file, String(process.resourceUsage().maxRSS * 1024));
  if (keys() !== before) process.exitCode = 99;
});
