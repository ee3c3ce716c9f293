import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types
import { findComplaints } from '../scripts/imports.mjs';
import { withTempFolder } from './helpers/temp-folder.ts';

it('the order of imports holds throughout the house', () => {
  expect(findComplaints()).toEqual([]);
});

it.each([
  ['vault/bag.ts', '../sources/json.ts', 'a neighbour'],
  ['net/http.ts', '../pipeline/stage.ts', 'a room below'],
  ['pipeline/listing.ts', '../sources/json.ts', 'a platform'],
  ['pipeline/recover.ts', '../archive/wayback.ts', 'a web archive'],
  ['sources/choose.ts', './tumblr/target.ts', 'a platform, which the list alone knows'],
  ['sources/ghost/post.ts', '../substack/media.ts', 'a platform beside it'],
  ['demo/server.ts', '../model.ts', 'anything from the demonstration'],
  ['elsewhere/new.ts', '../model.ts', 'anything from a room that is in no row'],
])('%s that imports %s is refused: %s', (file, imported) =>
  withTempFolder(async (dir) => {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), `import { x } from '${imported}';\n`);
    expect(findComplaints(dir)).toHaveLength(1);
  }),
);
