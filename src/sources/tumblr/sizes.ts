import type { Kind, MediaItem } from '../../model.ts';
import { type MediaAddress, type OwnHosts, readMediaAddress } from './addresses.ts';
import { ahead, originalPage } from './larger-addresses.ts';

/** One address of a medium, with its size where that is stated of this very address. */
export interface Size {
  readonly url: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** The platform says that it has the size of what was uploaded. */
  readonly isOriginal?: boolean | undefined;
}

/** With what its address says of itself. */
export interface Placed extends Size {
  readonly address: MediaAddress | undefined;
}

export const placed = (size: Size, own?: OwnHosts): Placed => ({
  ...size,
  address: readMediaAddress(size.url, own),
});

export type Choice = Pick<MediaItem, 'url' | 'alternates' | 'width' | 'height' | 'larger'>;

interface Candidate extends Placed {
  /** In points of area, estimated where nobody states it. */
  readonly area: number;
}

const mostAlternates = 12;

/** The largest by its true size, behind what may be larger still; all others are alternates, the largest first. */
export function choose(kind: Kind, sizes: readonly Placed[]): Choice {
  const sorted = candidatesOf(kind, sizes).sort(byWorth);
  const best = sorted[0]!;
  const isReduced = mayBeReduced(best, sorted.length >= ladder);
  const first = ahead(best, { kind, isReduced });
  const all = [...new Set([...first, ...sorted.map(({ url }) => url)])];
  const isBest = all[0] === best.url || isTwin(all[0]!, best.url);
  const larger = kind === 'image' && isReduced ? originalPage(best.url, best.address) : undefined;
  return {
    url: all[0]!,
    alternates: all.slice(1, 1 + mostAlternates),
    ...(isBest && best.width && { width: best.width }),
    ...(isBest && best.height && { height: best.height }),
    ...(larger && { larger }),
  };
}

/** Who lists so many sizes lists all that there are, up to the largest rung. */
const ladder = 3;

function candidatesOf(kind: Kind, sizes: readonly Placed[]): Candidate[] {
  const whole = sizes.find(({ width, height, address }) => width && height && !address?.isCropped);
  const ratio = whole ? Math.min(100, Math.max(0.01, whole.height! / whole.width!)) : 1;
  let area = Number.MAX_VALUE; // what nothing is known of is as large as what stands before it
  return sizes.map((size) => {
    const candidate = { ...size, ...believable(size) };
    area = areaOf(candidate, { ratio, kind }) ?? area;
    return { ...candidate, area };
  });
}

/** A size beyond the box of its address is said of another rendition. */
function believable({ width, height, address }: Placed): Pick<Size, 'width' | 'height'> {
  const box = address?.box;
  const isBeyond =
    box && ((width ?? 0) > box.width || (address.style === 'sized' && (height ?? 0) > box.height));
  return isBeyond ? { width: undefined, height: undefined } : { width, height };
}

function areaOf(
  { width, height, address }: Omit<Candidate, 'area'>,
  { ratio, kind }: { ratio: number; kind: Kind },
): number | undefined {
  if (width) return width * (height ?? width * ratio);
  if (!address) return undefined;
  const box = address.box ?? (kind === 'image' ? unnamed : undefined);
  if (!box) return undefined;
  const fitted = Math.min(box.width, box.height / ratio);
  return fitted * fitted * ratio;
}

/** Pictures whose address names no size are of a time in which none was larger than this. */
const unnamed = { width: 1000, height: 1500 };

/** What lies in the export comes first, then what is Tumblr's own, uncut; what is surely lost comes last. */
function byWorth(one: Candidate, other: Candidate): number {
  return (
    rankOf(other) - rankOf(one) ||
    (one.area === other.area ? 0 : other.area - one.area) ||
    Number(other.isOriginal ?? false) - Number(one.isOriginal ?? false)
  );
}

function rankOf({ url, address }: Candidate): number {
  if (!/^https?:/.test(url)) return 4;
  if (address?.isShut) return 0;
  if (address?.isCropped) return 2;
  return address ? 3 : 1;
}

/**
 * Has it been made to fit into the box of its address? At the top of a ladder nobody but its page knows; some ladders,
 * those of the oldest API among them, end one rung early.
 */
function mayBeReduced({ address, width, height, isOriginal }: Candidate, isWholeLadder: boolean): boolean {
  const box = address?.box;
  if (!box) return false;
  const top = address.style === 'sized' ? box.width : 0;
  if (top !== 2048 && (isOriginal || (isWholeLadder && top !== 1280))) return false;
  return (!width && !height) || width === box.width || height === box.height;
}

/** The same rendition, encoded anew: what is said of its size holds for both. */
const isTwin = (one: string, other: string) => one.replace(/\.\w+$/, '') === other.replace(/\.\w+$/, '');
