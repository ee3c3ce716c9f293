import { ServerResponse } from 'node:http';

/** A response that knows what was written of it, also where a behaviour wrote past HTTP. */
export class Reply extends ServerResponse {
  #sent = 0;
  #spoken: number | undefined;

  /** Bytes of the body so far. */
  get sent(): number {
    return this.#sent;
  }

  /** 0 as long as nothing was said. */
  get status(): number {
    return this.#spoken ?? (this.headersSent ? this.statusCode : 0);
  }

  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    this.#count(chunk);
    return super.write(chunk, ...(rest as []));
  }

  override end(chunk?: unknown, ...rest: unknown[]): this {
    this.#count(chunk);
    return super.end(chunk, ...(rest as []));
  }

  /** Puts bytes on the wire as they are, and hangs up. */
  say(bytes: Buffer): void {
    this.#spoken = Number(/^HTTP\/\d\.\d (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 0);
    const head = bytes.indexOf('\r\n\r\n');
    this.#sent += head < 0 ? 0 : bytes.length - head - 4;
    this.socket?.end(bytes);
  }

  #count(chunk: unknown): void {
    if (this.req.method === 'HEAD') return;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.#sent += Buffer.byteLength(chunk);
  }
}
