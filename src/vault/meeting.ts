import type { Post } from '../model.ts';
import { sumOfText } from '../sums.ts';
import type { Coverage, Presence } from './listing-index.ts';

/** A listing that meets posts. One that is not by time gives back what somebody was once sent. */
export interface Meeting {
  readonly source: string;
  readonly seen: string;
  readonly isByTime: boolean;
}

/** Which listing has met a post: it stands with every post, and is short. */
export const seenBy = (source: string, { since }: Coverage): string => briefly(source) + briefly(since);

export const isSeenBy = (source: string, seen: string | undefined): boolean =>
  seen?.startsWith(briefly(source)) ?? false;

/** Do other listings know better whether a post is still on the blog? */
export const isKnownBetter = (presence: Presence | undefined, source: string): boolean =>
  presence?.isGone === true || (presence?.seen !== undefined && !isSeenBy(source, presence.seen));

/** Was the post told of in this way before? In another one it always differs. */
export const isToldSo = ({ dialect }: Post, presence: Presence): boolean =>
  dialect === undefined || presence.in === undefined || presence.in.includes(dialect);

const briefly = (text: string): string => sumOfText('sha256', text).slice(0, 8);
