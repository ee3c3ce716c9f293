import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type SecretInput, secretLine } from '../../src/cli/secret-input.ts';

const never = {
  text: '',
  say: () => {
    throw new Error('nobody sits there to be asked');
  },
};

/** A terminal as far as a line editor can tell: it says whether it would echo what is typed. */
function terminal() {
  const input = new PassThrough() as PassThrough & { isTTY: boolean; setRawMode(raw: boolean): void };
  const state = { echoes: true };
  input.isTTY = true;
  input.setRawMode = (raw) => {
    state.echoes = !raw;
  };
  return { input, state };
}

const piped = (...chunks: string[]): SecretInput => {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  return input;
};

test('of a pipe the first line is the secret, however it is cut', async () => {
  expect(await secretLine(piped('sec', 'ret\nmore', '\n'), never)).toBe('secret');
  expect(await secretLine(piped('secret'), never)).toBe('secret');
  expect(await secretLine(piped(), never)).toBe('');
});

test('a pipe without an end of its line is not read for ever', async () => {
  const input = new PassThrough();
  const letters = setInterval(() => input.write('x'.repeat(1000)), 1);
  await expect(secretLine(input, never)).rejects.toThrow('too long');
  clearInterval(letters);
});

test('a terminal is asked, echoes nothing while the secret is typed, and echoes again afterwards', async () => {
  const { input, state } = terminal();
  const said: string[] = [];
  const line = secretLine(input, { text: 'Key: ', say: (text) => void said.push(text) });
  const whileTyped = () => expect(state.echoes).toBe(false);
  input.write('secreX');
  whileTyped();
  input.write('\x7ft\r');
  expect(await line).toBe('secret');
  expect(said).toEqual(['Key: ', '\n']);
  expect(state.echoes).toBe(true);
});

test('a terminal that is closed without a line gives no secret', async () => {
  const { input, state } = terminal();
  const line = secretLine(input, { text: '', say: () => undefined });
  input.write('\x04'); // Ctrl-D
  await expect(line).rejects.toThrow('No key was given.');
  expect(state.echoes).toBe(true);
});
