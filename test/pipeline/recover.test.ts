import { describe, expect, test } from 'vitest';
import type { In, Location, MediaRecord, Parcel, ReasonCode, Tried } from '../../src/model.ts';
import { alternates } from '../../src/pipeline/alternates.ts';
import { lostHere, postpone } from '../../src/pipeline/asked.ts';
import { type Place, recover } from '../../src/pipeline/recover.ts';
import { secondLook } from '../../src/pipeline/second-look.ts';
import { downloadOf, itemOf, lost, wanted } from '../helpers/parcels.ts';

const at = (url: string): Location => ({ kind: 'alternate', url });
const place = (name: string, ...found: (Location | Tried)[]): Place => ({ name, locations: () => found });
const item = itemOf({ id: 'demo:1', url: 'http://blog.example/1.jpg' });
const gone = lost(wanted(item));
const jpeg = { accepted: true, type: 'image/jpeg', ext: 'jpg', kind: 'image', whole: 'structure' } as const;

/** The three steps, played: what each address comes to. */
function steps(outcomes: Record<string, 'kept' | 'filtered' | 'wanted' | ReasonCode>) {
  const asked: string[] = [];
  const again = async (parcel: Parcel): Promise<Parcel> => {
    const { location } = parcel;
    asked.push(location.url);
    const outcome = outcomes[location.url] ?? 'gone';
    if (outcome === 'kept') return { ...parcel, state: 'kept', download: downloadOf(), verdict: jpeg };
    if (outcome === 'filtered')
      return { ...parcel, state: 'filtered', reason: { code: 'refused-filter', detail: 'small' } };
    if (outcome === 'wanted') return parcel;
    return lostHere(parcel, { code: outcome, detail: 'played' });
  };
  return { asked, again };
}

function run(places: Place[], outcomes: Parameters<typeof steps>[0], stop = new AbortController().signal) {
  const { asked, again } = steps(outcomes);
  const told: string[] = [];
  const report = (event: { event: string; place?: string }) =>
    void told.push(`${event.event} ${event.place}`);
  return { asked, told, work: recover(places, again, { stop, report: report as never }) };
}

describe('what is lost', () => {
  test('is looked for nowhere else if it is only an original of what is kept', async () => {
    const { asked, told, work } = run([place('a', at('1'))], { 1: 'kept' });
    const original = { ...gone, reduced: { record: {} as MediaRecord } };
    expect(await work(original)).toBe(original);
    expect([asked, told]).toEqual([[], []]);
  });

  test('is asked for place by place, location by location, until one has it', async () => {
    const places = [place('a', at('1'), at('2')), place('b', at('3'), at('4')), place('c', at('5'))];
    const { asked, told, work } = run(places, { 3: 'kept' });
    const end = await work(gone);
    expect(asked).toEqual(['1', '2', '3']);
    expect(told).toEqual(['recover a', 'recover b']);
    expect(end).toMatchObject({ state: 'kept', location: { url: '3' } });
    expect(end.tried.map(({ url, outcome }) => [url, outcome])).toEqual([
      ['http://blog.example/1.jpg', 'gone'],
      ['1', 'gone'],
      ['2', 'gone'],
    ]);
  });

  test('everywhere stays lost, with every answer, and the first of them for a reason', async () => {
    const { work } = run([place('a', at('1')), place('b', at('2'))], { 1: 'forbidden', 2: 'placeholder' });
    const end = await work(gone);
    expect(end).toMatchObject({ state: 'lost', reason: { code: 'gone' } });
    expect(end.tried.map(({ outcome }) => outcome)).toEqual(['gone', 'forbidden', 'placeholder']);
  });

  test('but somewhere only not answered has that for a reason', async () => {
    const { work } = run([place('a', at('1')), place('b', at('2'))], { 1: 'timeout' });
    expect(await work(gone)).toMatchObject({ state: 'lost', reason: { code: 'timeout' } });
  });

  test('with no place to ask stays as it is', async () => {
    const { work } = run([], {});
    expect(await work(gone)).toEqual(gone);
  });

  test('remembers why a place named no location', async () => {
    const no: Tried = { where: 'wayback', url: 'http://index/', outcome: 'no-capture', detail: 'none' };
    const { asked, work } = run([place('wayback', no)], {});
    const end = await work(gone);
    expect([asked, end.tried.at(-1)]).toEqual([[], no]);
  });

  test('and found, but not wanted after all, is filtered', async () => {
    const { work } = run([place('a', at('1'))], { 1: 'filtered' });
    expect(await work(gone)).toMatchObject({ state: 'filtered' });
  });

  test('is put off if the run stops gently before a place is asked', async () => {
    const { asked, work } = run([place('a', at('1'))], { 1: 'kept' }, AbortSignal.abort());
    expect(await work(gone)).toMatchObject({
      state: 'failed',
      reason: { code: 'recovery-pending', detail: 'gone' },
      tried: gone.tried,
    });
    expect(asked).toEqual([]);
  });

  test('is put off if a stop lets the parcel come back as wanted', async () => {
    const { work } = run([place('a', at('1'), at('2'))], { 1: 'wanted' });
    expect(await work(gone)).toMatchObject({ state: 'failed', reason: { code: 'recovery-pending' } });
  });

  test('is put off if the run stops gently while a location is asked, unless that one has it', async () => {
    for (const outcome of ['gone', 'kept'] as const) {
      const stop = new AbortController();
      const { asked, again } = steps({ 1: outcome });
      const stopping = async (parcel: Parcel) => {
        stop.abort();
        return again(parcel);
      };
      const told: string[] = [];
      const report = (event: { place?: string }) => void told.push(event.place!);
      const places = [place('a', at('1')), place('b', at('2'))];
      const end = await recover(places, stopping, { stop: stop.signal, report: report as never })(gone);
      expect(end).toMatchObject({ state: outcome === 'kept' ? 'kept' : 'failed' });
      expect([asked, told]).toEqual([['1'], ['a']]); // the next place is not even asked where it might lie
    }
  });

  test('does not hide an error of the run', async () => {
    const broken: Place = {
      name: 'a',
      // biome-ignore lint/correctness/useYield: it fails before it comes to that
      *locations() {
        throw new Error('cut');
      },
    };
    const { work } = run([broken], {});
    await expect(work(gone)).rejects.toThrow('cut');
  });
});

describe('the places', () => {
  test.each<[ReasonCode, boolean]>([
    ['empty', true],
    ['too-small', true],
    ['wrong-type', true],
    ['checksum', true],
    ['gone', false],
    ['placeholder', false],
    ['truncated', false],
    ['server-error', false],
  ])('a second look is due after %s: %s', (code, isDue) => {
    expect(secondLook.locations(lost(wanted(item), { code, detail: '' }))).toEqual(
      isDue ? [gone.location] : [],
    );
  });

  test('alternates are those that the source named, in their order, without the address that was asked', () => {
    const several = { ...item, alternates: ['http://b/2.jpg', item.url, 'http://b/1.jpg'] };
    expect(alternates.locations(lost(wanted(several)))).toEqual([at('http://b/2.jpg'), at('http://b/1.jpg')]);
    expect(alternates.locations(gone)).toEqual([]);
    const made = {
      ...item,
      alternates: ['http://b/1.jpg'],
      lesser: ['http://b/1.jpg', 'http://b/small.jpg'],
    };
    const small = { ...at('http://b/small.jpg'), isLesser: true };
    expect(alternates.locations(lost(wanted(made)))).toEqual([at('http://b/1.jpg'), small]);
  });
});

test('what is put off keeps all answers so far and says why it was lost', () => {
  const put: In<'failed'> = postpone(gone);
  expect(put).toMatchObject({
    state: 'failed',
    reason: { code: 'recovery-pending', detail: 'gone' },
    tried: gone.tried,
  });
});

test('answers name the place: live, alternate, or the web archive', () => {
  const snapshot = { archive: 'wayback', time: '2019', url: 'u', digest: null };
  const where = (location: Location) =>
    lostHere({ item, location, tried: [] }, { code: 'gone', detail: '' }).tried[0]!.where;
  expect([where(gone.location), where(at('x')), where({ kind: 'snapshot', url: 'u', snapshot })]).toEqual([
    'live',
    'alternate',
    'wayback',
  ]);
});
