import { quoted } from '../../shown.ts';
import { textAt } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Timeline } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';
import { Api } from './api.ts';
import { wholeIn } from './leaf.ts';
import { type PostList, PostTimeline } from './listing.ts';
import { momentOf } from './post.ts';
import type { TumblrSettings } from './settings.ts';
import type { Place } from './target.ts';
import { v1Timeline } from './v1.ts';

interface ListWay {
  readonly own: TumblrSettings;
  readonly context: SourceContext;
  readonly warnings: Warnings;
}

/** A list of posts by time, and what else its platform can be asked. */
export interface Listable {
  readonly timeline: Timeline;
  /** Hears how many posts there are. */
  readonly foresee: (total: number) => void;
  /** What the blog of an id is called; undefined if nobody says so. */
  readonly nameNow: (id: string) => Promise<string | undefined>;
}

export function timelineOf(place: Place, { own, context, warnings }: ListWay): Listable {
  const { tag, id } = place;
  const { ownHosts } = own;
  if (own.key === undefined) {
    return {
      timeline: v1Timeline(own.v1 ?? place.site!, { context, warnings, ownHosts, tag, id }),
      foresee: () => undefined,
      nameNow: async () => undefined,
    };
  }
  const name = inWords(place);
  const api = new Api({ base: own.api, key: own.key, name, context, warnings });
  const list = listOf(place, own);
  let isFirst = true;
  return {
    timeline: new PostTimeline(list, { api, warnings, name, ownHosts }),
    foresee(total) {
      if (isFirst) api.foresee(Math.ceil(total / (list.limit - 1)) - 1);
      isFirst = false;
    },
    nameNow: (id) =>
      api.ask(`/blog/${inPath(id)}/info`, {}, (response) => textAt(response, [['blog', 'name']], 100)),
  };
}

/** The newest posts of a tag over all of Tumblr come no more than so many at a time. */
const mostTagged = 20;

function listOf({ kind, blog, tag, id }: Place, { limit, npf }: TumblrSettings): PostList {
  const of = `/blog/${inPath(blog ?? '')}`;
  const query = { npf: String(npf), reblog_info: 'true' };
  const isLinked = true;
  if (kind === 'tagged')
    return {
      ...{ path: '/tagged', query: { npf: String(npf), tag }, posts: '' },
      ...{
        moment: (raw) => wholeIn(raw, 'featured_timestamp') ?? momentOf(raw),
        isTwoWay: false,
        isLinked: false,
      },
      limit: Math.min(limit, mostTagged),
    };
  if (kind === 'likes')
    return {
      ...{ path: `${of}/likes`, query, posts: 'liked_posts', total: 'liked_count' },
      ...{ moment: (raw) => wholeIn(raw, 'liked_timestamp'), isTwoWay: false, isLinked, limit },
    };
  return {
    ...{ path: `${of}/posts`, query: { ...query, tag, id }, posts: 'posts' },
    ...(kind === 'blog' && { total: 'total_posts' }), // whether it counts a tag or the whole blog, nobody says
    ...{ moment: momentOf, isTwoWay: true, isLinked, limit },
  };
}

const inPath = (blog: string): string => encodeURIComponent(blog).replaceAll('%3A', ':');

export function inWords({ kind, blog, tag, id }: Place): string {
  const words = {
    blog: `the blog ${blog}`,
    'tag of blog': `the tag ${quoted(tag ?? '', 100)} of ${blog}`,
    post: `post ${id} of ${blog}`,
    likes: `the likes of ${blog}`,
    tagged: `the tag ${quoted(tag ?? '', 100)}`,
  };
  return words[kind];
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
