import type { PageCapture } from '../source.ts';
import type { Position, WebPage } from './pages.ts';
import { type Role, roles } from './roles.ts';

/** How far a listing has come: the role, the next page in the index, and the pages that could not be had so far. */
export interface Cursor {
  readonly scope: string;
  readonly role: Role;
  readonly from: Position;
  readonly left: readonly WebPage[];
}

export const start: Position = { key: null, after: null };

const beginning = (scope: string): Cursor => ({ scope, role: roles[0], from: start, left: [] });

/** A cursor of an earlier run; from the beginning where it is none that this version wrote, or one of another scope. */
export function readCursor(given: unknown, scope: string): Cursor {
  const { role, from, left, ...rest } = (given ?? {}) as Partial<Cursor>;
  const isSound =
    rest.scope === scope &&
    roles.includes(role as Role) &&
    isText(from?.key, true) &&
    (from?.after === null || (Array.isArray(from?.after) && from.after.every((one) => isText(one)))) &&
    Array.isArray(left) &&
    left.every(isPage);
  return isSound ? (given as Cursor) : beginning(scope);
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
