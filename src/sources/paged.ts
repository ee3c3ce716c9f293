import type { Page, Post } from '../model.ts';

/** Posts by the page. An error comes after the posts that were whole before it. */
export async function* paged(posts: AsyncIterable<Post>, size: number): AsyncGenerator<Page> {
  const page: Post[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for await (const post of posts) {
      page.push(post);
      if (page.length < size) continue;
      yield { posts: page.splice(0) }; // what was handed over is not held here while it is worked on
    }
  } catch (error) {
    failure = { error };
  }
  if (page.length > 0) yield { posts: page };
  if (failure) throw failure.error;
}
