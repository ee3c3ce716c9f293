import type { IncomingHttpHeaders } from 'node:http';
import type { News } from './gate.ts';

/** The only sign of a capture (RFC 7089): without it an archive speaks in its own name, whatever the status. */
export const isCapture = ({ headers }: { readonly headers: IncomingHttpHeaders }): boolean =>
  headers['memento-datetime'] !== undefined;

/** What a capture says of the archive that sent it: its status is that of another server, and of another day. */
export const captured: News = { sign: 'well', what: 'a capture' };

const exclusion =
  /\b(AdministrativeAccessControl|RobotAccessControl)Exception\b|\bBlocked Site Error\b|\brobots\.txt\b|\bexcluded from the Wayback Machine\b/;

/** The words in which an archive says that a site is left out of it, as its owner, or its robots.txt, wants it. */
export const exclusionIn = (text: string): string | undefined => exclusion.exec(text)?.[0];

/** The pages that archives show, with the status of success, where they have nothing or may not show it. */
export const messageOfArchive =
  /has been excluded from the wayback machine|accesscontrolexception|wayback machine has(n.t| not) archived|is not available on the (internet|web)\s*archive/i;
