import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/sources/json-path.ts';
import { readImage } from '../../../src/sources/medium/images.ts';
import { medium } from '../../../src/sources/medium/medium.ts';
import { mediaIn, readFacts } from '../../../src/sources/medium/page.ts';
import { busyTime } from '../../helpers/busy.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { type ZipEntry, zipOf } from '../../helpers/zip-file.ts';

const name = 'posts/2019-05-06_Moss-a1b2c3d4e5f6.html';

const inZip = (entries: readonly ZipEntry[]) =>
  withTempFolder(async (dir) => {
    const file = join(dir, 'medium-export.zip');
    writeFileSync(file, zipOf(entries));
    const context = testContext();
    const listing = await medium.open(file, context);
    const posts = await postsOf(listing);
    await listing.close?.();
    return { posts, ids: posts.map(({ id }) => id), warnings: context.warnings };
  });

it('tells drafts and answers from posts, and keeps every word', async () => {
  const listing = await medium.open('fixtures/medium/folder/input', testContext());
  const raws = (await postsOf(listing)).map(({ raw }) => raw as JsonObject);
  await listing.close?.();
  expect(raws).toMatchObject([
    { title: 'Wet moss', subtitle: 'About water', file: expect.stringMatching(/_Wet-moss-/) },
    { title: 'Old fern' },
    { isReply: true },
    { isDraft: true, title: 'Not yet' },
    { isDraft: true },
  ]);
  expect(raws.flatMap(({ isReply }) => (isReply ? [1] : []))).toHaveLength(1);
  expect(raws[0]!.html).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
});

it('looks at nothing that is not a post', async () => {
  const listing = await medium.open('fixtures/medium/zip/input.zip', testContext());
  expect(JSON.stringify(await postsOf(listing))).not.toMatch(/private\.example|192\.0\.2\.7/);
  await listing.close?.();
});

it('claims exports by the names in them, and nothing else', () =>
  withTempFolder(async (dir) => {
    const zips = {
      own: name,
      other: 'posts/2019-05-06-moss.html',
      tumblr: 'posts/123456789.html',
      lists: 'lists/a-a1b2c3d4e5f6.html',
    };
    const claimed = Object.entries(zips).map(([stem, entry]) => {
      writeFileSync(join(dir, `${stem}.zip`), zipOf([{ name: entry, body: 'x' }]));
      return medium.claims(join(dir, `${stem}.zip`));
    });
    expect(claimed).toEqual([true, false, false, false]);
    mkdirSync(join(dir, 'folder/medium-export/posts'), { recursive: true });
    writeFileSync(join(dir, 'folder/medium-export', name), 'x');
    expect(medium.claims(join(dir, 'folder'))).toBe(true);
    expect(medium.claims(`medium:${join(dir, 'own.zip')}`)).toBe(true);
    for (const target of ['https://medium.com/@fern', 'https://fern.medium.com', 'medium'])
      expect(medium.claims(target)).toBe(false);
  }));

it('says so where there is no post in it', async () => {
  await expect(inZip([{ name: 'lists/a.html', body: 'x' }])).rejects.toThrow(/no post of a Medium export/);
});

describe('what is hostile', () => {
  it('skips a page that is damaged, and goes on', async () => {
    const { ids, warnings } = await inZip([
      { name, body: '<h1 class="p-name">Moss</h1>', crc: 1 },
      { name: 'posts/2019-05-05_Fern-000000000001.html', body: Buffer.from([0xff, 0x41]) },
      { name: 'posts/2019-05-04_Empty-000000000002.html', body: '' },
      { name: '__MACOSX/posts/2019-05-03_X-000000000003.html', body: 'x' },
      { name: 'again/posts/2019-05-02_Fern-000000000001.html', body: 'x' },
    ]);
    expect(ids).toEqual(['000000000001', '000000000002']);
    expect(warnings).toMatchObject([
      expect.stringMatching(/cannot be read, and is skipped: its checksum/),
      expect.stringMatching(/not all UTF-8/),
    ]);
  });

  it('takes the other page of a post of which the first is damaged', async () => {
    const other = { name: 'posts/2019-05-05_Moss-a1b2c3d4e5f6.html', body: '<h1 class="p-name">Moss</h1>' };
    expect((await inZip([{ name, body: 'x', crc: 1 }, other])).ids).toEqual(['a1b2c3d4e5f6']);
  });

  it('G11 G07 takes no date and no address that is none', () => {
    const page = (time: string, href: string) =>
      `<h1 class="p-name">A</h1><time class="dt-published" datetime="${time}">x</time><a class="p-canonical" href="${href}">x</a>`;
    expect(readFacts(page('2019-13-40T00:00:00Z', 'javascript:alert(1)'))).toMatchObject({
      canonical: 'javascript:alert(1)',
      isReply: false,
    });
    return inZip([{ name, body: page('yesterday', 'javascript:alert(1)') }]).then(({ posts }) =>
      expect(posts).toMatchObject([{ date: null, url: null, items: [] }]),
    );
  });

  it('G12 G14 reads bait in time, and within bounds', () => {
    const busy = busyTime();
    for (const bait of [
      '<h1 class="p-name">'.repeat(5_000),
      '<section data-field="body"><p class="graf">'.repeat(5_000),
      `<img data-image-id="1*${'a'.repeat(100_000)}">`,
      `<h1 class="p-name">${' '.repeat(100_000)}x</h1>`,
      '<img class="graf-image" data-image-id="1*aaaaaaaa" data-width="9">'.repeat(5_000),
    ]) {
      readFacts(bait);
      expect(mediaIn(bait, null, { post: '1', date: null }).items.length).toBeLessThan(2);
    }
    expect(busy()).toBeLessThan(10_000);
  });
});

describe('the address of a picture', () => {
  const key = '1*fernOne_aBcDeFg.jpeg';

  it.each([
    `https://cdn-images-1.medium.com/max/800/${key}`,
    `https://cdn-images-2.medium.com/fit/c/600/400/${key}`,
    `https://miro.medium.com/max/1400/${key}`,
    `https://miro.medium.com/v2/resize:fit:1400/format:webp/${key}`,
    `https://d262ilb51hltx0.cloudfront.net/max/2000/${key}`,
    `https://miro.medium.com/v2/da:true/resize:fill:88:88/${key.replace('*', '%2A')}`,
  ])('%s is one size of it', (address) => {
    expect(readImage(address)).toMatchObject({
      key,
      best: [`https://miro.medium.com/v2/${key}`],
      lesser: address,
    });
  });

  it('is no lesser one where it is the original', () => {
    expect(readImage(`https://miro.medium.com/v2/${key}`)).not.toHaveProperty('lesser');
  });

  it.each([
    'https://medium.com/max/800/1*a.png',
    'https://miro.medium.com/',
    'https://pictures.example/1*fernOne_aBcDeFg.jpeg',
  ])('%s is known by itself alone', (address) => {
    expect(readImage(address)).toBeUndefined();
  });
});
