/** As much of a body as was wanted, or came. */
export interface Taken {
  readonly bytes: Buffer;
  /** Is that all of it? */
  readonly isWhole: boolean;
  /** What it broke off with, where it did. */
  readonly broken?: unknown;
}

/** Takes a body in as far as it may be long; what comes behind that is not read. Whoever asked says what a part is worth. */
export async function takeIn(body: AsyncIterable<unknown>, most: number): Promise<Taken> {
  const chunks: Buffer[] = [];
  const taken = () => Buffer.concat(chunks).subarray(0, most);
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > most) return { bytes: taken(), isWhole: false };
    }
  } catch (broken) {
    return { bytes: taken(), isWhole: false, broken };
  }
  return { bytes: taken(), isWhole: true };
}
