import type { Behaviour } from '../../src/demo/behaviours.ts';
import { type Asked, type FakeServer, type Script, startServer } from '../../src/demo/server.ts';

/** What a test sees of a server that runs for it. */
export interface Running {
  readonly url: string;
  readonly requests: readonly Asked[];
  readonly server: FakeServer;
}

/** A real server that follows the script, closed after the test; unknown paths are 404, or as `otherwise` says. */
export async function withFakeBlog<T>(
  script: Script,
  test: (blog: Running) => Promise<T>,
  { otherwise }: { readonly otherwise?: Behaviour } = {},
): Promise<T> {
  return lend(await startServer(script, otherwise && { otherwise }), test);
}

/** A server for each behaviour, which answers everything by it; all are closed after the test. */
export async function withFakeBlogs<T>(
  [otherwise, ...others]: readonly Behaviour[],
  test: (blogs: readonly Running[]) => Promise<T>,
): Promise<T> {
  if (!otherwise) return test([]);
  return withFakeBlog({}, (blog) => withFakeBlogs(others, (rest) => test([blog, ...rest])), { otherwise });
}

export async function lend<T>(server: FakeServer, test: (running: Running) => Promise<T>): Promise<T> {
  try {
    return await test({ url: server.url, requests: server.requests, server });
  } finally {
    await server.close();
  }
}
