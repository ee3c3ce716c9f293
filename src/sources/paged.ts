import type { Page, Post } from '../model.ts';

/** Posts by the page. An error comes after the posts that were whole before it. */
export async function* paged(posts: AsyncIterable<Post>, size: number): AsyncGenerator<Page> {
  let page: Post[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for await (const post of posts) {
      page.push(post);
      if (page.length < size) continue;
      yield { posts: page };
      page = [];
    }
  } catch (error) {
    failure = { error };
  }
  if (page.length > 0) yield { posts: page };
  if (failure) throw failure.error;
}
