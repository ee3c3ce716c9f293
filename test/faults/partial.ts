import { expect } from 'vitest';
import type { MediaRecord } from '../../src/model.ts';
import { cuts, type Headers, inTurn } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { RawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
import type { Case } from './fault.ts';
import { addressOf, type Finished, type Part } from './scene.ts';
import { sumOf } from './sound.ts';

/** The start of every case of resuming: the first 40 % of a file are there. */
export const CUT = 40_000;
export const old = photo(40, 100_000);
export const fresh = photo(41, 100_000);
export const jpeg = { 'Content-Type': 'image/jpeg' };
export const strong = { ...jpeg, ETag: '"old"' };
export const renewed = { ...jpeg, ETag: '"new"' };

/** Cut at 40 % once; what a server then does is the case. */
export const afterCut = (headers: Headers, ...then: readonly Script[]): Script =>
  inTurn(cuts(old, CUT, headers), ...then);

/** A run that ends with the first 40 % held, for cases that lie between two runs. */
export async function leavesPart(scene: Case, servers: readonly RawServer[]): Promise<Part[]> {
  for (const server of servers) {
    server.on(
      '/a.jpg',
      afterCut(strong, (exchange) => exchange.reset()),
    );
  }
  const ran = await scene.run(servers.map(addressOf), '-R', '0');
  expect(ran.code).toBe(1);
  const parts = scene.parts();
  expect(parts.map(({ bytes, sha256 }) => [bytes, sha256])).toEqual(
    servers.map(() => [CUT, sumOf(old.subarray(0, CUT))]),
  );
  expect(scene.sidecars()).toHaveLength(servers.length);
  return parts;
}

/** Kept with exactly these bytes, and nothing left of the part. */
export function keptWhole(scene: Case, ran: Finished, server: RawServer, body: Buffer): MediaRecord {
  const record = ran.record(addressOf(server));
  expect(record).toMatchObject({ status: 'kept', bytes: body.length, sha256: sumOf(body) });
  expect(scene.bytesOf(record).equals(body), 'the very bytes').toBe(true);
  expect(scene.parts()).toEqual([]);
  expect(scene.sidecars()).toEqual([]);
  return record;
}

/** The ranges of all requests after the first: proof that it was tried to go on, and where. */
export function wentOn(server: RawServer): void {
  expect(server.ranges('/a.jpg')[0]).toBeUndefined();
  expect(server.ranges('/a.jpg')[1]).toBe(`bytes=${CUT}-`);
  expect(server.to('/a.jpg')[1]!.header('if-range')).toBe('"old"');
  for (const one of server.heard) expect(one.header('accept-encoding')).toBe('identity');
}
