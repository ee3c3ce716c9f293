import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { filesOf, kindOfEntry } from '../target.ts';
import { namesWithin } from '../within.ts';

/** Does it look like the archive of an account? By names alone, those in it and its own. */
export const claimsArchive = (target: string): boolean =>
  kindOfEntry(target) !== undefined &&
  (namesWithin(target).some((names) => names !== undefined && isArchive(names)) || isTarArchive(target));

/** Also where nothing of an archive can be seen in it, and opening it will say why. */
export const isArchivePath = (path: string): boolean =>
  !/^https?:\/\//i.test(path) &&
  (claimsArchive(path) ||
    /^[./~]/.test(path) ||
    /\.(?:zip|tar|tgz|tar\.gz)$/i.test(path) ||
    kindOfEntry(path) !== undefined);

/** Of names, one a line. */
const isArchive = (names: string): boolean =>
  /(?:^|\/)outbox\.json$/m.test(names) && /(?:^|\/)actor\.json$/m.test(names);

/** As servers call it: `archive-20240506070809-` and thirty-two digits. */
const ownName = /(?:^|[\\/])archive-\d{14}-[0-9a-f]{32}\.(?:tar\.gz|tgz|tar)$/i;

/** A tar has no directory: what stands at its beginning has to do, and that is media as a rule. */
function isTarArchive(target: string): boolean {
  const files = filesOf(target);
  const isTars = files.length > 0 && files.every((file) => /\.(?:tar|tgz|tar\.gz)$/i.test(file));
  return isTars && files.every((file) => ownName.test(file) || beginsAsArchive(file));
}

const beginsAsArchive = (file: string): boolean => {
  const start = startOf(file);
  const isTar = start.subarray(257, 262).toString('latin1') === 'ustar';
  const name = start.subarray(0, 100).toString('latin1');
  return isTar && /^(?:\.\/)?(?:media_attachments\/|outbox\.json|actor\.json)/.test(name);
};

/** The first header, unpacked if it has to be. */
function startOf(file: string): Buffer {
  try {
    const handle = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(65_536);
      const start = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0));
      const isPacked = start.length > 2 && start.readUInt16BE(0) === 0x1f8b;
      return isPacked
        ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 27 })
        : start;
    } finally {
      closeSync(handle);
    }
  } catch {
    return Buffer.alloc(0); // what cannot be read is told of when somebody says that it is an archive
  }
}
