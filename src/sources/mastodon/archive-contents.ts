import type { Part } from '../parts.ts';
import type { HandedFile, HandedFiles } from '../source.ts';

export interface ArchiveFile {
  readonly part: Part;
  readonly name: string;
}

const scheme = 'export:';
const outboxName = /(?:^|\/)outbox\.json$/;

/** What is what in the archive of an account. It may lie in a folder more than it was packed in. */
export class Contents implements HandedFiles {
  readonly outbox: ArchiveFile | undefined;
  readonly actor: ArchiveFile | undefined;
  readonly refused: number;
  readonly #files = new Map<string, ArchiveFile>();

  constructor(parts: readonly Part[]) {
    this.refused = parts.reduce((sum, { refused }) => sum + refused, 0);
    const outbox = parts
      .flatMap((part) => [...outboxesIn(part)])
      .sort((a, b) => a.name.length - b.name.length)[0];
    this.outbox = outbox;
    const under = outbox?.name.replace(outboxName, (found) => (found.startsWith('/') ? '/' : '')) ?? '';
    for (const part of parts)
      for (const name of part.names())
        if (name.startsWith(under)) this.#add(name.slice(under.length), { part, name });
    this.actor = this.#files.get('actor.json');
  }

  /**
   * What a medium is called that an activity names: by a path from which the host was taken, and which may begin with
   * a slash, or with a folder of the store. Of a file that is not there it is the path from the media on.
   */
  addressOf(path: string): string {
    const plain = decoded(path.replace(/[?#].*$/s, '')).replace(/^\/+/, '');
    const mark = plain.lastIndexOf('media_attachments/');
    const media = mark > 0 ? plain.slice(mark) : plain;
    const key = [plain, media].find((one) => this.#files.has(one)) ?? media;
    return scheme + key.split('/').map(encodeURIComponent).join('/');
  }

  async open(address: string): Promise<HandedFile | undefined> {
    const file = this.#files.get(decoded(address.slice(scheme.length)));
    return file?.part.open(file.name);
  }

  #add(key: string, file: ArchiveFile): void {
    if (!this.#files.has(key)) this.#files.set(key, file);
  }
}

function* outboxesIn(part: Part): Generator<ArchiveFile> {
  for (const name of part.names()) if (outboxName.test(name)) yield { part, name };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray % is part of the name
  }
}

/** The id of an attachment, which the folders of its file spell in groups of three digits; undefined of other paths. */
export function attachmentIn(address: string): string | undefined {
  const [, groups] = /media_attachments\/files\/((?:\d{3}\/){2,8})original\//.exec(address) ?? [];
  const digits = groups?.replaceAll('/', '').replace(/^0+/, '');
  return digits === undefined || digits === '' ? undefined : digits;
}
