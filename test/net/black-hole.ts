import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

const listen = `
const [host, port] = process.argv.slice(1);
const server = require('net').createServer();
server.listen({ host, port: Number(port), backlog: 1 }, () => console.log(server.address().port));
`;

/** A port at which packets vanish: its server is stopped and its queue is full, so the system drops what comes. */
export async function withBlackHole<T>(
  { host, port = 0 }: { readonly host: string; readonly port?: number },
  test: (port: number) => Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, ['-e', listen, host, String(port)]);
  const fillers: net.Socket[] = [];
  try {
    const bound = Number(await once(child.stdout, 'data'));
    child.kill('SIGSTOP');
    for (let i = 0; i < 8; i++) fillers.push(net.connect(bound, host));
    for (const socket of fillers) socket.on('error', () => undefined);
    await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect'))); // no more than that get in
    return await test(bound);
  } finally {
    for (const socket of fillers) socket.destroy();
    child.kill('SIGKILL');
  }
}
