/** What readers and blogs do to a post that stays as it was. */
const own = [
  // what readers did, and whoever asks may do
  ...[
    'note_count',
    'notes',
    'likes',
    'like_count',
    'reblog_count',
    'reply_count',
    'plays',
    'followed',
    'liked',
  ],
  ...['can_like', 'can_reblog', 'can_reply', 'can_send_in_message', 'can_mute', 'can_edit', 'can_delete'],
  ...[
    'can_blaze',
    'can_be_blazed',
    'can_ignite',
    'can_block',
    'can_subscribe',
    'is_blazed',
    'is_blaze_pending',
  ],
  ...[
    'muted',
    'mute_end_timestamp',
    'community_reactions',
    'interactability_reblog',
    'interactability_blaze',
  ],
  // where it stands in a listing, and how that is dressed
  ...['is_pinned', 'recommended_source', 'recommended_color', 'recommendation_reason', 'featured_timestamp'],
  ...[
    'display_avatar',
    'should_open_in_legacy',
    'sponsored_badge_url',
    'placement_id',
    'supply_logging_positions',
  ],
  // blogs change their names and faces, and with these the addresses of all their posts
  ...['blog', 'blog_name', 'post_url', 'short_url', 'asking_name', 'asking_url', 'asking_avatar'],
  ...['post_author', 'post_author_avatar', 'parent_post_url', 'source_title'],
];

const reblogged = ['from', 'root'].flatMap((of) =>
  ['name', 'title', 'url', 'following', 'can_message'].map((field) => `reblogged_${of}_${field}`),
);

/** Blogs that are named within: whose post it was, who asked, whose picture it is. */
const nested = ['', 'trail.*.'].flatMap((of) => [
  `${of}content.*.attribution.blog`,
  `${of}layout.*.attribution.blog`,
]);

/** Paths in a post of what changes by itself. */
export const passing: readonly string[] = [
  ...own,
  ...reblogged,
  'trail.*.blog',
  'trail.*.broken_blog_name',
  ...nested,
];

/** The same of a blog: what its readers do, and how much of it there is. */
export const passingOfBlog: readonly string[] = [
  ...[
    'posts',
    'total_posts',
    'updated',
    'likes',
    'followers',
    'followed',
    'subscribed',
    'queue',
    'drafts',
    'messages',
  ],
  ...[
    'can_message',
    'can_send_fan_mail',
    'can_subscribe',
    'can_be_followed',
    'can_show_badges',
    'tumblrmart_accessories',
  ],
  ...[
    'is_blocked_from_primary',
    'is_following_you',
    'duration_blog_following_you',
    'duration_following_blog',
  ],
];
