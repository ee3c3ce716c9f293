import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endIfStalled } from '../../src/net/stall.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A body of which the test says what has come; by default it is read as fast as it comes. */
function bodyOf() {
  let transferred = 0;
  const stream = Object.defineProperty(new PassThrough(), 'downloadProgress', {
    get: () => ({ transferred }),
  });
  const errors: unknown[] = [];
  stream.on('error', ({ code }: NodeJS.ErrnoException) => void errors.push(code));
  const come = (text: string) => {
    transferred += text.length;
    stream.write(text);
  };
  endIfStalled(stream as never, 10_000);
  return { stream, come, errors };
}

const pass = async (ms: number) => {
  vi.advanceTimersByTime(ms);
  await new Promise((resolve) => setImmediate(resolve));
};

test('a body that is read, and of which nothing comes, is ended', async () => {
  const { stream, errors } = bodyOf();
  stream.resume();
  await pass(9000);
  expect(errors).toEqual([]);
  await pass(2100);
  expect(errors).toEqual(['ESTALLED']);
});

test('a body of which a little comes in time is not', async () => {
  const { stream, come, errors } = bodyOf();
  stream.resume();
  for (let n = 0; n < 10; n++) {
    come('x');
    await pass(9000);
  }
  expect(errors).toEqual([]);
});

test.each([
  ['nobody reads', () => undefined],
  ['somebody paused', (stream: PassThrough) => void stream.on('data', () => undefined).pause()],
])('a body that %s is not ended for it', async (_, begin) => {
  const { stream, come, errors } = bodyOf();
  begin(stream);
  come('x');
  await pass(60_000);
  expect(errors).toEqual([]);
});

test('a body that is read by a loop is ended, too', async () => {
  const { stream, come } = bodyOf();
  const read = (async () => {
    let text = '';
    for await (const chunk of stream) text += chunk;
    return text;
  })();
  read.catch(() => undefined);
  come('half');
  await pass(0);
  await pass(12_000);
  await expect(read).rejects.toMatchObject({ code: 'ESTALLED' });
});

test('no timer is left behind when the body is closed', async () => {
  const { stream } = bodyOf();
  expect(vi.getTimerCount()).toBe(1);
  stream.destroy();
  await pass(0);
  expect(vi.getTimerCount()).toBe(0);
});
