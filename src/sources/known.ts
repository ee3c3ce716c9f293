import type { Post } from '../model.ts';
import type { ListingWay } from './source.ts';

/**
 * Is all of a page held, and all behind it, too? To be asked before the page is given away, for then its posts are held.
 * A page without posts tells nothing.
 */
export async function isKnown(
  posts: readonly Pick<Post, 'id'>[],
  way: ListingWay | undefined,
): Promise<boolean> {
  const { wasWhole, isHeld } = way ?? {};
  if (!wasWhole || !isHeld || posts.length === 0) return false;
  for (const { id } of posts) if (!(await isHeld(id))) return false;
  return true;
}
