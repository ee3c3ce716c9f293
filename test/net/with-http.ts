import { type Http, type HttpOptions, openHttp } from '../../src/net/http.ts';

const usual: HttpOptions = {
  userAgent: 'tester',
  connectTimeout: 5000,
  headerTimeout: 5000,
  allowPrivate: true,
  header: [],
  services: [],
};

/** A client that may reach loopback unless the test wants otherwise, closed after the test. */
export async function withHttp<T>(given: Partial<HttpOptions>, run: (http: Http) => Promise<T>): Promise<T> {
  const http = openHttp({ ...usual, ...given });
  try {
    return await run(http);
  } finally {
    http.close();
  }
}

export async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk;
  return text;
}

/** Asks and reads to the end. */
export async function getText(http: Http, url: string): Promise<string> {
  return textOf((await http.ask(url)).body);
}

/** What a promise is rejected with, down its causes. */
export async function troubleOf(asked: Promise<unknown>): Promise<NodeJS.ErrnoException> {
  try {
    await asked;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('nothing went wrong');
}
