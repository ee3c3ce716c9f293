import { type Announced, announcedDigests, disagreement, Sums } from '../net/digests.ts';
import type { Answer } from '../net/http.ts';
import type { Plan } from './plan.ts';
import { readPart } from './remains.ts';

/** Does what comes over the wire have the sums that the server announced for it? */
export interface Checks {
  see(chunk: Uint8Array): void;
  /** What disagrees, in words; undefined where all agree, or nothing was announced. */
  ofMessage(): string | undefined;
  /** Once the whole is there. */
  ofWhole(): string | undefined;
}

const none: Checks = { see: () => undefined, ofMessage: () => undefined, ofWhole: () => undefined };

/** A sum may be of this message alone, or of the whole: then what is there already counts, too. */
export async function checksFor({ status, headers }: Answer, plan: Plan, part: string): Promise<Checks> {
  const announced = announcedDigests(headers, { status, coded: plan.isCoded });
  if (announced.length === 0) return none;
  const ofMessage = announced.filter((one) => one.of === 'message');
  const ofWhole = announced.filter((one) => one.of === 'whole');
  const [message, whole] = [sumsFor(ofMessage), sumsFor(ofWhole)];
  if (ofWhole.length > 0 && plan.from) await readPart(part, plan.from.size, (chunk) => whole.update(chunk));
  return {
    see(chunk) {
      message.update(chunk);
      whole.update(chunk);
    },
    ofMessage: () => disagreement(ofMessage, message),
    ofWhole: () => disagreement(ofWhole, whole),
  };
}

const sumsFor = (announced: readonly Announced[]) => new Sums(announced.map(({ algorithm }) => algorithm));
