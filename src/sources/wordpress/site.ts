import type { JsonObject } from '../json-path.ts';

/** A blog whose API is found. */
export interface Site {
  /** The root of `wp/v2`, in one of the forms that `addressOf` knows. */
  readonly root: string;
  /** The address of the blog itself. */
  readonly home: string;
  /** What it says of itself. */
  readonly facts: JsonObject | undefined;
  /** Seconds east of Greenwich, where it says so: its posts are sorted by its own clock. */
  readonly offset: number | undefined;
  readonly why: string;
}
