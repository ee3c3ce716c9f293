import {
  asksToWait,
  type Behaviour,
  cuts,
  drips,
  fails,
  gone,
  redirects,
  serves,
  servesHtml,
  servesPlaceholder,
} from './behaviours.ts';

/** What goes wrong with one item of the demonstration, and what is to become of it all the same. */
export interface Trouble {
  readonly key: string;
  /** For a person to read: what the server does to it. */
  readonly sentence: string;
  readonly outcome: 'kept' | 'recovered' | 'duplicate' | 'missing' | 'failed';
  readonly behaves: (body: Buffer, name: string) => Behaviour;
  /** Does the web archive hold the true bytes? */
  readonly captured: boolean;
}

const half = (body: Buffer) => Math.floor(body.length / 2);

/** Every item that is not named here is simply served. */
export const troubles: readonly Trouble[] = [
  {
    key: 'fern-0004',
    sentence: 'a picture cut off midway by a reset, then continued by Range',
    outcome: 'kept',
    behaves: (body) => cuts(body).after(half(body)).times(1).then(serves(body)),
    captured: false,
  },
  {
    key: 'fern-0018',
    sentence: 'a video cut off by a reset twice, and continued by Range each time',
    outcome: 'kept',
    behaves: (body) => cuts(body).after(70_000).times(2).then(serves(body)),
    captured: false,
  },
  {
    key: 'fern-0053',
    sentence: 'a body of unknown length that ends too early, then comes whole',
    outcome: 'kept',
    behaves: (body) =>
      cuts(body, { chunked: true, etag: null }).after(half(body)).times(1).then(serves(body)),
    captured: false,
  },
  {
    key: 'fern-0022',
    sentence: 'twice "service unavailable" (503), then the picture',
    outcome: 'kept',
    behaves: (body) => fails(503).times(2).then(serves(body)),
    captured: false,
  },
  {
    key: 'fern-0010',
    sentence: 'a request to slow down (429) and to come back after a second, then the picture',
    outcome: 'kept',
    behaves: (body) => asksToWait(1).times(1).then(serves(body)),
    captured: false,
  },
  {
    key: 'fern-0033',
    sentence: 'a redirect to where the picture lies now',
    outcome: 'kept',
    behaves: (_body, name) => redirects(`/media/originals/${name}`),
    captured: false,
  },
  {
    key: 'fern-0052',
    sentence: 'a slow video: a few kilobytes at a time',
    outcome: 'kept',
    behaves: (body) => drips(body, { bytes: Math.ceil(body.length / 15), everyMs: 100 }),
    captured: false,
  },
  {
    key: 'fern-0040',
    sentence: 'removed for good (410), but the blog names a smaller size that is still there',
    outcome: 'kept',
    behaves: () => gone(),
    captured: false,
  },
  {
    key: 'fern-0012',
    sentence: 'a placeholder in place of the picture, which the web archive captured in time',
    outcome: 'recovered',
    behaves: () => servesPlaceholder(),
    captured: true,
  },
  {
    key: 'fern-0027',
    sentence: 'a web page in place of the picture, which the web archive captured in time',
    outcome: 'recovered',
    behaves: () => servesHtml(),
    captured: true,
  },
  {
    key: 'fern-0008',
    sentence: 'not found (404), but captured by the web archive',
    outcome: 'recovered',
    behaves: () => fails(404),
    captured: true,
  },
  {
    key: 'fern-0045',
    sentence: 'the same picture as fern-0007, under another name',
    outcome: 'duplicate',
    behaves: (body) => serves(body),
    captured: false,
  },
  {
    key: 'fern-0056',
    sentence: 'a placeholder in place of the picture, which nobody captured',
    outcome: 'missing',
    behaves: () => servesPlaceholder(),
    captured: false,
  },
  {
    key: 'fern-0036',
    sentence: 'not found (404), and nobody captured it',
    outcome: 'missing',
    behaves: () => fails(404),
    captured: false,
  },
];
