import type { Download, In, MediaItem, Reason, Verdict } from '../model.ts';
import { type ContentType, fits, kindOf } from './content-type.ts';
import { isPlaceholder, type Placeholders } from './placeholders.ts';
import { tooSmall } from './size.ts';

export interface Rules {
  readonly placeholders: Placeholders;
}

/**
 * Is it what it claims to be? Reads nothing again: the download brings size, sums and first bytes. The rules are
 * asked in the order of what tells most about why a file is not the one that was wanted.
 */
export function judge(
  found: ContentType | undefined,
  { item, location, download }: Pick<In<'fetched'>, 'item' | 'location' | 'download'>,
  rules: Rules,
): Verdict {
  if (location.kind === 'snapshot' && download.memento === null)
    return refused({ code: 'not-a-capture', detail: 'no Memento-Datetime' });
  const placeholder = isPlaceholder(rules.placeholders, download);
  if (placeholder) return refused(placeholder);
  if (download.bytes === 0) return refused(tooSmall(0, undefined)!);
  const fit = fits(found, item.kind, download.response.contentType);
  if ('reason' in fit) return refused(fit.reason);
  const { type, ext } = fit.type;
  const small = tooSmall(download.bytes, type);
  if (small) return refused(small);
  if (differs(item, download))
    return refused({ code: 'checksum', detail: `sha256 ${download.sha256}, promised ${item.sha256}` });
  return { accepted: true, type, ext, kind: item.kind === 'file' ? kindOf(type) : item.kind };
}

const refused = (reason: Reason): Verdict => ({ accepted: false, reason });

const differs = ({ sha256 }: MediaItem, download: Download) =>
  sha256 !== undefined && sha256.toLowerCase() !== download.sha256;
