import http from 'node:http';
import net from 'node:net';

export interface Heard {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The system's code for what broke the body off; undefined if it came to its end. */
  readonly broken: string | undefined;
}

/** Asks with Node's own client, which mends nothing, over a connection of its own, and tells also what came before a break. */
export function ask(url: string, options: http.RequestOptions = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = http.request(url, { agent: false, ...options }, (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      let broken: string | undefined;
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error: NodeJS.ErrnoException) => {
        broken = error.code;
      });
      response.on('close', () => {
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks),
          broken,
        });
      });
    });
    request.on('error', (error) => {
      if (!answered) reject(error); // else the response tells of it, too
    });
    request.end();
  });
}

/** Everything that comes over a bare connection until its end or a break. */
export function askRaw(
  url: string,
  path: string,
): Promise<{ readonly text: string; readonly broken: string | undefined }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
    );
    let text = '';
    let broken: string | undefined;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      broken = error.code;
    });
    socket.on('close', () => resolve({ text, broken }));
  });
}
