import { expect } from 'vitest';
import type { Behaviour } from '../../../src/demo/behaviours.ts';
import type { Capture } from '../../../src/demo/captures.ts';
import type { MediaRecord } from '../../../src/model.ts';
import { answers } from '../../helpers/answers.ts';
import { askedFor, withFakeArchive } from '../../helpers/fake-archive.ts';
import type { Running } from '../../helpers/fake-blog.ts';
import { photo } from '../../helpers/media.ts';
import type { RawServer } from '../../helpers/raw-server.ts';
import type { Case } from '../fault.ts';
import type { Finished } from '../scene.ts';

/** What a capture is, but for its address. */
export type Held = Omit<Capture, 'url'>;

export const held = (given: Partial<Held> = {}): Held => ({
  time: '20190531123456',
  body: photo(1),
  type: 'image/jpeg',
  ...given,
});

/** A row that says that all is well with it, whatever was captured. */
export const listed = (digest: string) => ({ statuscode: '200', mimetype: 'image/jpeg', digest });

export interface Stage {
  /** Where everything is gone. */
  readonly origin: RawServer;
  readonly archive: Running;
  readonly addressOf: (name: string) => string;
  /** Archives the named files. */
  run(...words: readonly string[]): Promise<Finished>;
  /** The record of a file. */
  of(ran: Finished, name: string): MediaRecord;
  /** Questions about a file, and requests for its captures. */
  questions(name: string): number;
  replays(name: string): string[];
}

interface StageOptions {
  readonly index?: (proper: Behaviour) => Behaviour;
  /** Captures of what nobody lists. */
  readonly others?: readonly Capture[];
}

/** A host where everything is gone, and a web archive that holds these captures of some of its files. */
export async function withStage<T>(
  scene: Case,
  captures: Readonly<Record<string, readonly Held[]>>,
  play: (stage: Stage) => Promise<T>,
  { index, others = [] }: StageOptions = {},
): Promise<T> {
  const origin = await scene.server({ '*': answers(404) });
  const addressOf = (name: string) => `${origin.url}/${name}.jpg`;
  const all = Object.entries(captures).flatMap(([name, several]) =>
    several.map((one) => ({ ...one, url: addressOf(name) })),
  );
  const addresses = Object.keys(captures).map(addressOf);
  return withFakeArchive([...all, ...others], index ? { index } : {}, (archive) =>
    play({
      origin,
      archive,
      addressOf,
      run: (...words) => scene.run(addresses, '--wayback', archive.url, ...words),
      of: (ran, name) => ran.record(addressOf(name)),
      questions: (name) => archive.requests.filter(({ path }) => askedFor(path) === addressOf(name)).length,
      replays: (name) =>
        archive.requests
          .map(({ path }) => path)
          .filter((path) => path.startsWith('/web/') && path.endsWith(addressOf(name))),
    }),
  );
}

/** An item's end in a few words. */
export const endOf = ({ status, origin, reason }: MediaRecord): string =>
  status === 'kept' ? `kept (${origin})` : `${status}: ${reason?.code}`;

/** Pauses that were told of one lane. */
export const pausesOf = (ran: Finished, host: string) =>
  ran.events.filter(({ event, host: lane }) => event === 'pause' && lane === host);

/** Lanes that were left alone. */
export const parkedIn = (ran: Finished) =>
  ran.events.filter(({ event }) => event === 'parked').map(({ host }) => host);

export const expectFailed = (record: MediaRecord): void => {
  expect(endOf(record)).toBe('failed: archive-unreachable');
};
