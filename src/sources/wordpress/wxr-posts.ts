import { SourceError, systemCode } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { DamagedFile, type SourceContext } from '../source.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { isInner } from './types.ts';
import { readAttachment } from './wxr-attachment.ts';
import { Attachments, type Key, keyOf } from './wxr-attachments.ts';
import type { WxrFile } from './wxr-files.ts';
import { idOfItem, typeOfItem, type WxrItem, wordOf } from './wxr-item.ts';
import { postOf } from './wxr-post.ts';
import { wxrItems } from './wxr-reader.ts';

export interface ExportWay {
  readonly files: readonly WxrFile[];
  readonly base: string | null;
  readonly context: SourceContext;
}

/** Posts as they stand in the files, and then the attachments that none of them shows. */
export async function* postsOf(way: ExportWay): AsyncGenerator<Post> {
  const warnings = cappedWarnings(way.context.report, 'the export');
  try {
    const attachments = await attachmentsOf(way);
    const listing = new Walk(way, attachments, warnings);
    yield* listing.posts();
    yield* listing.loose();
  } finally {
    warnings.close();
  }
}

const quiet: Pick<Warnings, 'warn' | 'skip'> = { warn: () => undefined, skip: () => undefined };

/** What is wrong with a file is told where its posts are read. */
async function attachmentsOf(way: ExportWay): Promise<Attachments> {
  const attachments = new Attachments();
  for await (const item of itemsIn(way, quiet)) {
    const id = typeOfItem(item) === 'attachment' ? idOfItem(item) : undefined;
    const attachment = id === undefined ? undefined : readAttachment(id, item);
    if (attachment) attachments.add(attachment);
  }
  return attachments;
}

/** Parts of how a site looks and works, and older forms of posts. */
const unread: ReadonlySet<string> = new Set([
  'nav_menu_item',
  'revision',
  'wp_navigation',
  'wp_global_styles',
  'wp_template',
  'wp_template_part',
  'wp_font_family',
  'wp_font_face',
  'custom_css',
  'customize_changeset',
  'oembed_cache',
  'user_request',
]);
const usual: ReadonlySet<string> = new Set(['post', 'page', 'attachment']);

/** Whatever else there is counts if it shows a medium, or has a text that is not one of the workings of a site. */
const isWritten = (type: string, item: WxrItem): boolean =>
  !isInner(type) && ['content:encoded', 'excerpt:encoded'].some((name) => wordOf(item, name) !== '');

class Walk {
  readonly #way: ExportWay;
  readonly #attachments: Attachments;
  readonly #warnings: Warnings;
  readonly #seen = new Set<Key>();
  #doubles = 0;
  #leftOut = 0;
  readonly #leftOutTypes = new Set<string>();
  /** Attachments of which no address is known. */
  #hasLoose = false;

  constructor(way: ExportWay, attachments: Attachments, warnings: Warnings) {
    this.#way = way;
    this.#attachments = attachments;
    this.#warnings = warnings;
  }

  async *posts(): AsyncGenerator<Post> {
    for await (const item of itemsIn(this.#way, this.#warnings)) {
      const type = typeOfItem(item);
      if (unread.has(type)) continue;
      const id = this.#idOf(item);
      if (id === undefined) continue;
      if (type === 'attachment') {
        if (this.#attachments.byId(id) === undefined) this.#hasLoose = true;
        continue;
      }
      const post = this.#read(id, item);
      if (post.items.length > 0 || usual.has(type) || isWritten(type, item)) yield post;
      else this.#leaveOut(type);
    }
    this.#tellLeftOut();
    if (this.#doubles > 0)
      this.#warnings.warn(
        `Of items of one id the first counts; left out of the export: ${counted(this.#doubles, 'item')}.`,
      );
  }

  #leaveOut(type: string): void {
    this.#leftOut++;
    if (this.#leftOutTypes.size < mostTypes) this.#leftOutTypes.add(type.slice(0, 40));
  }

  #tellLeftOut(): void {
    if (this.#leftOut > 0)
      this.#warnings.warn(
        `Left out of the export, for they show no medium and have no text to be read: ${counted(this.#leftOut, 'item')} of such types as ${[...this.#leftOutTypes].map((type) => quoted(type)).join(', ')}.`,
      );
  }

  /** They are read once more: which are shown is known only now. */
  async *loose(): AsyncGenerator<Post> {
    if (!this.#hasLoose && !this.#attachments.hasHidden) return;
    this.#seen.clear();
    for await (const item of itemsIn(this.#way, quiet)) {
      if (typeOfItem(item) !== 'attachment' || item.isTooLarge) continue;
      const id = idOfItem(item);
      const row = id === undefined ? undefined : this.#attachments.byId(id);
      if (id === undefined || this.#isDouble(id)) continue;
      if (row === undefined || !this.#attachments.isShown(row)) yield this.#read(id, item);
    }
  }

  #idOf(item: WxrItem): string | undefined {
    const id = idOfItem(item);
    if (id === undefined) this.#warnings.skip('An item of the export has no id; it is skipped.');
    else if (item.isTooLarge)
      this.#warnings.skip(`Item ${quoted(id)} of the export is larger than 32 MiB; it is skipped.`);
    else if (this.#isDouble(id)) this.#doubles++;
    else return id;
    return undefined;
  }

  #isDouble(id: string): boolean {
    const key = keyOf(id);
    if (this.#seen.has(key)) return true;
    if (this.#seen.size < mostSeen) this.#seen.add(key);
    return false;
  }

  #read(id: string, item: WxrItem): Post {
    const tell = (fault: string) => this.#warnings.warn(`Post ${quoted(id)} of the export ${fault}.`);
    const { post, rows } = postOf(id, item, { attachments: this.#attachments, base: this.#way.base, tell });
    for (const row of rows) this.#attachments.show(row);
    return post;
  }
}

const mostTypes = 5;

/** Beyond, a double goes through: the archive has it once all the same. */
const mostSeen = 8_000_000;

/** The items of all files; a file that is damaged gives what comes before the damage. */
async function* itemsIn(
  { files, context }: ExportWay,
  { warn, skip }: Pick<Warnings, 'warn' | 'skip'>,
): AsyncGenerator<WxrItem> {
  let count = 0;
  let damage: string | undefined;
  for (const { name, bytes } of files) {
    const before = count;
    try {
      const onDamage = () =>
        warn(`${name} has letters that make no sense in its encoding: U+FFFD stands for them.`);
      for await (const item of wxrItems(bytes(), onDamage)) {
        context.signal.throwIfAborted();
        count++;
        yield item;
      }
    } catch (error) {
      if (!isOfFile(error)) throw error;
      damage = `${name} cannot be read to its end, after ${counted(count - before, 'whole item')}: ${reasonIn(error)}.`;
      skip(damage);
    }
  }
  if (count === 0 && damage !== undefined) throw new SourceError(damage);
}

/** Is it what lies in the file that cannot be read, and not the disk? */
const isOfFile = (error: unknown): error is Error =>
  error instanceof DamagedFile ||
  (error instanceof SourceError && systemCode(error)?.startsWith('Z_') === true);

const reasonIn = ({ message }: Error): string => message.replace(/\.$/, '');
