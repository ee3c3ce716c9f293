import { hash } from 'node:crypto';

/** The sum of a short text, in hex; at once, for an object of its own for each costs more than the sum. */
export const sumOfText = (algorithm: 'md5' | 'sha256', text: string): string => hash(algorithm, text);
