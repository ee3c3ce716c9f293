const longest = 8192;
const mostWords = 100;

/**
 * What a JSON Feed says of itself, gathered while its text passes by: the texts that stand at its top, before the
 * entries or behind them. Holds nothing else, however long the feed is.
 */
export class JsonHead {
  /** Is there a list of entries? */
  hasItems = false;
  readonly #words = new Map<string, string>();
  #depth = 0;
  /** The text that is being read at the top; undefined in any other place. */
  #text: string | undefined;
  #isInText = false;
  #isEscaped = false;
  #key: string | undefined;
  #isValue = false;

  get(key: string): string | undefined {
    return this.#words.get(key);
  }

  get words(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#words);
  }

  write(chunk: string): void {
    const marks = /["\\{}[\]:,]/g;
    let from = 0;
    for (let mark = marks.exec(chunk); mark; mark = marks.exec(chunk)) {
      const at = mark.index;
      if (this.#isInText) {
        const wasEscaped = this.#isEscaped && at === from;
        this.#isEscaped = mark[0] === '\\' && !wasEscaped;
        if (mark[0] !== '"' || wasEscaped) {
          this.#gather(chunk.slice(from, at + 1));
          from = at + 1;
          continue;
        }
        this.#gather(chunk.slice(from, at));
        this.#endText();
      } else this.#mark(mark[0]);
      from = at + 1;
    }
    if (!this.#isInText) return;
    if (from < chunk.length) this.#isEscaped = false;
    this.#gather(chunk.slice(from));
  }

  #gather(text: string): void {
    if (this.#text !== undefined && this.#text.length <= longest) this.#text += text.slice(0, longest + 1);
  }

  #mark(mark: string): void {
    if (mark === '"') {
      this.#isInText = true;
      this.#isEscaped = false;
      this.#text = this.#depth === 1 ? '' : undefined;
    } else if (mark === '{' || mark === '[') {
      if (this.#depth === 1 && this.#isValue && this.#key === 'items' && mark === '[') this.hasItems = true;
      this.#depth++;
    } else if (mark === '}' || mark === ']') this.#depth--;
    else if (this.#depth === 1) this.#isValue = mark === ':';
  }

  #endText(): void {
    const text = this.#text === undefined ? undefined : unquoted(this.#text);
    this.#isInText = false;
    this.#text = undefined;
    if (text === undefined) return;
    if (!this.#isValue) this.#key = text;
    else if (this.#key !== undefined && this.#words.size < mostWords) this.#words.set(this.#key, text);
  }
}

function unquoted(text: string): string | undefined {
  if (text.length > longest) return undefined;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined; // whoever reads the whole will say what is wrong with it
  }
}
