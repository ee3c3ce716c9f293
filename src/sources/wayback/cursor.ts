import type { PageCapture } from '../source.ts';
import type { Position, WebPage } from './pages.ts';
import { type Role, roles } from './roles.ts';

/** How far a listing has come: the role, the next page in the index, and the pages that could not be had so far. */
export interface Cursor {
  readonly role: Role;
  readonly from: Position;
  readonly left: readonly WebPage[];
}

export const beginning: Cursor = { role: roles[0], from: { key: null, after: null }, left: [] };

/** A cursor of an earlier run; from the beginning where it is none that this version wrote. */
export function readCursor(given: unknown): Cursor {
  const { role, from, left } = (given ?? {}) as Partial<Cursor>;
  const isSound =
    roles.includes(role as Role) &&
    isText(from?.key, true) &&
    (from?.after === null || (Array.isArray(from?.after) && from.after.every((one) => isText(one)))) &&
    Array.isArray(left) &&
    left.every(isPage);
  return isSound ? (given as Cursor) : beginning;
}

const isText = (value: unknown, orNull = false): boolean =>
  typeof value === 'string' || (orNull && value === null);

const isPage = (page: Partial<WebPage> | null): boolean =>
  isText(page?.key) &&
  roles.includes(page?.role as Role) &&
  Array.isArray(page?.captures) &&
  page.captures.every(isRow);

const isRow = (row: Partial<PageCapture> | null): boolean =>
  isText(row?.timestamp) && isText(row?.original) && isText(row?.mimetype) && isText(row?.digest);
