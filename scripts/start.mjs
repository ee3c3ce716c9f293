// `npm start`: makes the project ready, then `oxbow demo`; with words after `--`, `oxbow` with these.
// Paths are taken from where the user stands: npm itself goes to the folder of the project.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ready, root } from './ready.mjs';

ready();
const words = process.argv.slice(2);
const child = spawn(
  process.execPath,
  [join(root, 'dist/cli/main.js'), ...(words.length > 0 ? words : ['demo'])],
  {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
  },
);
// A terminal sends Ctrl-C to both of us; it is for the child to decide what to do with it.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143);
});
