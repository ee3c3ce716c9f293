import type { MediaItem } from '../../model.ts';
import type { Copying } from '../copies.ts';

/**
 * `/content/images/size/w600/format/webp/2024/05/a.jpg` is a copy that Ghost has made of `/content/images/2024/05/a.jpg`,
 * which is always there; where that is lost, a copy may still be had.
 */
export const sizes: Copying = {
  originalOf(url) {
    const found = copy.exec(url);
    if (!found) return url;
    return `${url.slice(0, found.index)}/content/images/${url.slice(found.index + found[0].length)}`;
  },
  widthOf: (url) => Number(/\/size\/w(\d{1,6})/.exec(url)?.[1] ?? 0),
};

const copy = /\/content\/images\/(?:size\/[wh\d]{2,12}\/(?:format\/[a-z\d]{2,6}\/)?|format\/[a-z\d]{2,6}\/)/;

/**
 * Ghost reduces pictures when they are uploaded, and keeps what came as `a_o.jpg` beside `a.jpg`. Not every site does
 * so, nor did every version: whether it is there, the site has to be asked.
 */
export function originalOf(url: string): Pick<MediaItem, 'larger'> {
  const found = uploaded.exec(url);
  if (!found || found[1]!.endsWith('_o')) return {};
  return { larger: `${found[1]}_o${found[2]}` };
}

const uploaded = /^([^?#]{1,2000}\/content\/images\/\d{4}\/\d\d\/[^/?#]{1,500})(\.(?:jpe?g|png|webp))$/i;
