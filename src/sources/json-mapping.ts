import { type Settings, settingsOf } from '../options.ts';
import { type Path, readPath } from './json-path.ts';

/** The settings of the source, each a path or several. */
export const jsonSettings = {
  posts:
    'path of the list of posts; found by itself where it is the top or called posts, items, entries and the like',
  id: 'path of the id in a post',
  date: 'path of the date in a post',
  link: 'path of the address of the post itself',
  media: 'paths of media in a post, separated by commas; each one address, one object, or a list of these',
  url: 'path of the address in a media object, or in the post where media is not given',
  kind: 'path of image, video or audio (or a MIME type) in a media object',
  key: 'path of the lasting key of a media object',
  alternates: 'path of further addresses of the same in a media object',
  sha256: 'path of the checksum in a media object',
} as const;

type Key = keyof typeof jsonSettings;

/** Where to look for what. A part that nobody set is guessed, field by field. */
export type Mapping = { readonly [K in Exclude<Key, 'media'>]?: Path } & { readonly media?: readonly Path[] };

export function readMapping(settings: Settings): Mapping {
  const given = settingsOf('json', Object.keys(jsonSettings) as Key[], settings);
  const { media, ...single } = given;
  const paths = Object.entries(single).map(([key, text]) => [key, readPath(text, `sources.json.${key}`)]);
  return {
    ...Object.fromEntries(paths),
    ...(media !== undefined && {
      media: media.split(',').map((text) => readPath(text, 'sources.json.media')),
    }),
  };
}

const paths = (words: string): readonly Path[] => words.split(' ').map((word) => word.split('.'));

/** Where posts, and what belongs to them, usually stand; the likeliest first. */
export const guesses = {
  posts: paths('posts items entries statuses data results response.posts feed.entry'),
  id: paths('id_string id guid uri url'),
  // WordPress has both, and says for one alone what zone it means
  date: paths('date_gmt date published published_at date_published created_at pubDate timestamp created'),
  link: paths('url post_url permalink link'),
  media: paths(
    'media images image photos photo videos video audio attachments media_attachments enclosures enclosure files pictures',
  ),
  url: paths(
    'url src href original original_url original_size file media_url image_url video_url audio_url photo_url remote_url',
  ),
  kind: paths('kind type medium mime_type mimeType'),
  key: paths('key media_key mediaKey'),
  alternates: paths('alternates'),
  sha256: paths('sha256'),
} satisfies Record<Key, readonly Path[]>;
