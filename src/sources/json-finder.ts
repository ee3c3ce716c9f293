import { SourceError } from '../errors.ts';
import { guesses, type Mapping } from './json-mapping.ts';
import type { Path } from './json-path.ts';

/** A container that is open, and what its elements are to us. */
interface Frame {
  readonly path: readonly string[];
  readonly isArray: boolean;
  /** `posts`: its elements are posts. `other`: they might have been, had another list not come first. */
  readonly role: 'posts' | 'other' | undefined;
  key: string;
  met: number;
}

/** Finds the list of posts while the tokens of a document pass by. */
export class Finder {
  readonly #wanted: readonly Path[];
  readonly #isGuess: boolean;
  readonly #open: Frame[] = [];
  readonly #others = new Set<string>();
  #chosen: string | undefined;
  #isFound = false;
  #wrong: string | undefined;

  constructor(posts: Mapping['posts']) {
    this.#isGuess = posts === undefined;
    this.#wanted = posts ? [posts] : [[], ...guesses.posts];
  }

  /** Is the value that comes next a post? */
  get isAtPost(): boolean {
    return this.#open.at(-1)?.role === 'posts';
  }

  key(name: string): void {
    this.#open.at(-1)!.key = name;
  }

  /** The first post decides which list it is; an empty one leaves the question open. */
  post(): void {
    this.#chosen ??= nameOf(this.#open.at(-1)!.path);
  }

  /** A container begins that is not a post. */
  enter(isArray: boolean): void {
    const path = this.#step();
    const isWanted = this.#isWanted(path);
    if (isWanted && isArray) this.#isFound = true;
    if (isWanted && !isArray) this.#wrong = 'an object';
    const role = !isWanted || !isArray ? undefined : this.#isOurs(path) ? 'posts' : 'other';
    this.#open.push({ path, isArray, role, key: '', met: 0 });
  }

  leave(): void {
    this.#open.pop();
  }

  /** A text, a number or the like that is not a post. */
  pass(): void {
    if (this.#isWanted(this.#step())) this.#wrong = 'a single value';
  }

  /** Lists that might have held posts too, for a warning. */
  get others(): readonly string[] {
    return [...this.#others];
  }

  get chosen(): string {
    return this.#chosen ?? '';
  }

  /** Throws where there was no list of posts at all: that is not an empty blog. */
  check(name: string): void {
    if (this.#isFound) return;
    const setting = 'the setting sources.json.posts says where it is';
    if (this.#isGuess) {
      throw new SourceError(
        `${name} has no list of posts: it is not one itself, nor has it one called ${guesses.posts.map(nameOf).join(', ')}; ${setting}.`,
      );
    }
    const found = this.#wrong === undefined ? 'there is nothing' : `there is ${this.#wrong}`;
    throw new SourceError(
      `${name} has no list of posts at '${nameOf(this.#wanted[0]!)}': ${found}; ${setting}.`,
    );
  }

  /** The path of the value that begins now. */
  #step(): readonly string[] {
    const parent = this.#open.at(-1);
    if (!parent) return [];
    if (parent.role === 'other') this.#others.add(nameOf(parent.path));
    return [...parent.path, parent.isArray ? String(parent.met++) : parent.key];
  }

  #isWanted(path: readonly string[]): boolean {
    return this.#wanted.some(
      (wanted) =>
        wanted.length === path.length && wanted.every((part, i) => part === '*' || part === path[i]),
    );
  }

  #isOurs(path: readonly string[]): boolean {
    return !this.#isGuess || this.#chosen === undefined || this.#chosen === nameOf(path);
  }
}

export const nameOf = (path: Path): string => path.join('.');
