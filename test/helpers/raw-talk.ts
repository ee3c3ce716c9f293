import type net from 'node:net';

/** One request, as it came. */
export interface Heard {
  /** By the clock of `performance.now()`. */
  readonly at: number;
  readonly connection: number;
  readonly path: string;
  /** How often this path was asked before. */
  readonly nth: number;
  /** How many requests came before on this connection. */
  readonly nthOnConnection: number;
  /** The raw bytes, up to the blank line and with it. */
  readonly head: string;
  header(name: string): string | undefined;
  /** The bytes that were said in answer. */
  readonly said: number;
}

/** One request and the bare socket to answer it on. */
export interface Exchange extends Heard {
  readonly socket: net.Socket;
  /** Resolves once the bytes are with the system: true, or false if the other side has gone. */
  say(bytes: string | Uint8Array): Promise<boolean>;
  /** A clean end. */
  end(): void;
  reset(): void;
  readonly isGone: boolean;
  /** Resolves when the connection is closed, with the time. */
  readonly gone: Promise<number>;
}

/** What a server does about one path; the connection takes its next request when it is done. */
export type Script = (exchange: Exchange) => unknown;

/** One connection as the server saw it. */
export class Talk {
  /** The address that was dialled. */
  readonly at: string;
  readonly port: number;
  readonly socket: net.Socket;
  readonly gone: Promise<number>;
  /** Everything that came in, as it came. */
  text = '';
  #taken = 0;
  #wake: () => void = () => undefined;

  constructor(socket: net.Socket) {
    this.at = (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    this.port = socket.localPort ?? 0;
    this.socket = socket;
    this.gone = new Promise((resolve) => {
      socket.once('close', () => resolve(performance.now()));
    });
    socket.on('error', () => undefined); // a client that goes away is part of the play
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.#wake();
    });
    socket.once('close', () => this.#wake());
  }

  /** The next head, as soon as all of it is there; none once the connection is closed. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = this.text.indexOf('\r\n\r\n', this.#taken) + 4;
      if (end >= 4) {
        const head = this.text.slice(this.#taken, end);
        this.#taken = end;
        return head;
      }
      if (this.socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Listener {
  readonly connection: number;
  readonly nthOf: (path: string) => number;
  readonly answer: Script;
}

/** Takes heads off a connection one after another; what comes while one is being answered waits. */
export async function converse(talk: Talk, { connection, nthOf, answer }: Listener): Promise<void> {
  for (let nthOnConnection = 0; ; nthOnConnection++) {
    const head = await talk.head();
    if (head === undefined) return;
    const path = head.split(' ', 2)[1] ?? '';
    await answer(new Conversation(talk, { connection, nthOnConnection, path, nth: nthOf(path), head }));
  }
}

class Conversation implements Exchange {
  readonly at = performance.now();
  readonly connection: number;
  readonly path: string;
  readonly nth: number;
  readonly nthOnConnection: number;
  readonly head: string;
  readonly socket: net.Socket;
  readonly gone: Promise<number>;
  said = 0;

  constructor(
    { socket, gone }: Talk,
    {
      connection,
      path,
      nth,
      nthOnConnection,
      head,
    }: Pick<Exchange, 'connection' | 'path' | 'nth' | 'nthOnConnection' | 'head'>,
  ) {
    this.connection = connection;
    this.path = path;
    this.nth = nth;
    this.nthOnConnection = nthOnConnection;
    this.head = head;
    this.socket = socket;
    this.gone = gone;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  header(name: string): string | undefined {
    const line = this.head
      .split('\r\n')
      .find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return line?.slice(name.length + 1).trim();
  }

  async say(bytes: string | Uint8Array): Promise<boolean> {
    if (!this.socket.writable) return false;
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    const error = await new Promise<unknown>((resolve) => this.socket.write(data, resolve));
    if (error) return false;
    this.said += data.length;
    return true;
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}
