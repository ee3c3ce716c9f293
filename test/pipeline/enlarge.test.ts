import { describe, expect, test } from 'vitest';
import type { In, MediaItem, MediaRecord, Reduced, Rendition } from '../../src/model.ts';
import { alternates } from '../../src/pipeline/alternates.ts';
import { enlarge } from '../../src/pipeline/enlarge.ts';
import type { Progress } from '../../src/progress.ts';
import { latch, lost, numbered, settled, wanted } from '../helpers/parcels.ts';

const url = 'http://blog.example/s2048/1.jpg';
const larger = 'http://blog.example/s99999/1.jpg';
const original = { url: 'http://blog.example/s4000/1.jpg', width: 4000, height: 3000 };
const reduced = wanted({ id: 'demo:1', url, larger });

/** The stage over pages that are played, and who asked them. */
function stage(larger: ((item: MediaItem) => Promise<Rendition | undefined>) | undefined) {
  const [now, gently] = [new AbortController(), new AbortController()];
  const events: Progress[] = [];
  const asked: string[] = [];
  const listing = larger && {
    larger: (item: MediaItem) => {
      asked.push(item.id);
      return larger(item);
    },
  };
  const report = (event: Progress) => void events.push(event);
  const work = enlarge(listing ?? {}, { signal: now.signal, stop: gently.signal, report });
  return { work, asked, events, now, gently };
}

const many = (count: number): In<'wanted'>[] =>
  Array.from({ length: count }, (_, n) => {
    const parcel = numbered(n);
    return { ...parcel, item: { ...parcel.item, larger } };
  });

describe('what may be reduced', () => {
  test('is wanted at the address of its original, and is the same item as before', async () => {
    const { work } = stage(async () => original);
    const { larger: _, ...item } = reduced.item;
    expect(await work(reduced)).toEqual({
      ...reduced,
      item: { ...item, original },
      location: { kind: 'live', url: original.url },
    });
  });

  test.each<[string, Rendition | undefined]>([
    ['names nothing larger', undefined],
    ['names the same address', { url }],
  ])('is wanted as it is where its page %s, and is reduced no more', async (_, said) => {
    const { work } = stage(async () => said);
    const { larger: _larger, ...item } = reduced.item;
    expect(await work(reduced)).toEqual({ ...reduced, item });
  });

  test('is wanted as it is where its page does not say, and stays what may be reduced', async () => {
    const { work, events } = stage(() => Promise.reject(new Error('status 503')));
    expect(await work(reduced)).toBe(reduced);
    expect(events).toEqual([]);
  });

  test.each<[string, In<'wanted'>]>([
    ['is the original as far as anybody knows', wanted()],
    ['is held', { ...reduced, held: {} as MediaRecord }],
    ['is asked for elsewhere', { ...reduced, location: { kind: 'alternate', url: 'http://blog.example/a' } }],
  ])('what %s has no page to be asked', async (_, parcel) => {
    const { work, asked } = stage(async () => original);
    expect(await work(parcel)).toBe(parcel);
    expect(asked).toEqual([]);
  });

  test.each<[string, (() => Promise<Rendition | undefined>) | undefined, Reduced['page']]>([
    ['names nothing larger', async () => undefined, 'names nothing larger'],
    ['does not say', () => Promise.reject(new Error('status 503')), 'did not say'],
    ['cannot be asked', undefined, undefined],
  ])(
    'and is kept already is settled where its page %s, unless it is asked about itself',
    async (_, said, page) => {
      const record = {} as MediaRecord;
      const reducedAlready = { ...reduced, reduced: { record } };
      const reducedThen = { record, ...(page && { page }) };
      expect(await stage(said).work(reducedAlready)).toMatchObject({
        state: 'settled',
        record,
        reduced: reducedThen,
      });
      expect(await stage(said).work({ ...reducedAlready, held: record })).toMatchObject({
        state: 'wanted',
        location: reduced.location,
        held: record,
        reduced: reducedThen,
      });
    },
  );

  test('and is kept already is fetched from its original as if nothing were held', async () => {
    const record = {} as MediaRecord;
    const location = { kind: 'alternate', url: 'http://blog.example/a' } as const;
    const sent = await stage(async () => original).work({
      ...reduced,
      location,
      held: record,
      reduced: { record },
    });
    expect(sent).toMatchObject({ state: 'wanted', location: { url: original.url }, reduced: { record } });
    expect(sent).not.toHaveProperty('held');
  });

  test('of a source that knows no pages is wanted as it is', async () => {
    expect(await stage(undefined).work(reduced)).toBe(reduced);
  });

  test('and is lost at its original is asked for at all addresses that the post named, its own first', () => {
    const item = {
      ...reduced.item,
      original,
      alternates: [url, 'http://blog.example/s640/1.jpg', original.url],
    };
    const parcel = lost({ ...reduced, item, location: { kind: 'live', url: original.url } });
    expect([...(alternates.locations(parcel) as Iterable<unknown>)]).toEqual([
      { kind: 'alternate', url },
      { kind: 'alternate', url: 'http://blog.example/s640/1.jpg' },
    ]);
  });
});

describe('pages', () => {
  test('are asked a few at a time; who needs none waits for none', async () => {
    const { opened, open } = latch();
    const { work, asked } = stage(() => opened.then(() => undefined));
    const waiting = many(100).map(work);
    const free = numbered(1000);
    expect(await work(free)).toBe(free);
    await settled();
    expect(asked).toHaveLength(8);
    open();
    await Promise.all(waiting);
    expect(asked).toHaveLength(100);
  });

  test('that do not say, one after another, are asked no more, which is told once', async () => {
    const { work, asked, events } = stage(() => Promise.reject(new Error('status 503')));
    const parcels = many(100);
    for (const parcel of parcels) expect(await work(parcel)).toBe(parcel);
    expect(asked).toHaveLength(5);
    expect(events).toEqual([
      { event: 'warning', message: expect.stringMatching(/5 times in a row \(status 503\)/) },
    ]);
  });

  test('that are asked at once and do not say are few, too', async () => {
    const { work, asked, events } = stage(async () => {
      await settled();
      throw new Error('status 503');
    });
    await Promise.all(many(1000).map(work));
    expect(asked.length).toBeLessThanOrEqual(5 + 7); // those that were under way when the fifth came to nothing
    expect(events).toHaveLength(1);
  });

  test('are asked no more, though one that was under way says something after all', async () => {
    const { opened, open } = latch();
    let n = 0;
    const { work, asked } = stage(async () => {
      if (++n !== 1) throw new Error('status 503');
      return opened.then(() => undefined);
    });
    const [slow, ...others] = many(20);
    const answered = work(slow!);
    await Promise.all(others.map(work));
    open();
    await answered;
    const before = asked.length;
    await work(slow!);
    expect(asked).toHaveLength(before);
  });

  test('of what is kept already that do not say are no reason to ask none of what is new', async () => {
    const { work, asked, events } = stage(() => Promise.reject(new Error('status 503')));
    for (const parcel of many(20)) await work({ ...parcel, reduced: { record: {} as MediaRecord } });
    for (const parcel of many(20)) await work(parcel);
    expect([asked.length, events.length]).toEqual([10, 2]);
  });

  test('that do not say now and then are asked on', async () => {
    let n = 0;
    const { work, asked, events } = stage(async () => {
      if (++n % 5 !== 0) throw new Error('status 503');
      return undefined;
    });
    for (const parcel of many(50)) await work(parcel);
    expect([asked.length, events.length]).toEqual([50, 0]);
  });

  test('are not asked when the run is asked to stop, and one that is silent then is not waited for', async () => {
    const { work, asked, gently } = stage(() => new Promise(() => undefined));
    const waiting = many(20).map(work);
    await settled();
    gently.abort();
    expect(await Promise.all(waiting)).toEqual(many(20));
    expect(asked).toHaveLength(8);
  });

  test('that were under way when the run was cancelled are no trouble of theirs', async () => {
    const { opened, fail } = latch<undefined>();
    const { work, events, now } = stage(() => opened);
    const waiting = many(20).map(work);
    const ends = Promise.allSettled(waiting);
    await settled();
    now.abort(new Error('cancelled'));
    fail(new Error('aborted'));
    for (const end of await ends) expect(end).toMatchObject({ reason: { message: 'cancelled' } });
    expect(events).toEqual([]);
  });
});
