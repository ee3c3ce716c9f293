import type { Readable, Transform, Writable } from 'node:stream';
import { finished } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * From a body through its steps into a writer; settled only when the writer is closed, for whoever comes next may
 * open its file. Without steps, which is nearly always, the two are joined by hand: a pipeline makes an abort
 * controller, and an error with its stack, for each.
 */
export async function join(body: Readable, steps: readonly Transform[], writer: Writable): Promise<void> {
  const closed = new Promise<void>((resolve) => writer.once('close', resolve));
  try {
    await (steps.length > 0 ? pipeline([body, ...steps, writer]) : byHand(body, writer));
  } finally {
    await closed;
  }
}

function byHand(body: Readable, writer: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    finished(body, { writable: false }, (error) => error && writer.destroy(error));
    writer.once('error', (error) => body.destroy(error));
    writer.once('close', () => (writer.errored ? reject(writer.errored) : resolve()));
    body.pipe(writer);
  });
}
