import type { Location } from '../model.ts';
import { type Announced, announcedDigests, disagreement, Sums } from '../net/digests.ts';
import type { Answer } from '../net/http.ts';
import { IndexSums } from './index-sums.ts';
import type { Plan } from './plan.ts';
import { readPart } from './remains.ts';

/** Does what comes over the wire have the sums that the server announced for it? */
export interface Checks {
  see(chunk: Uint8Array): void;
  /** What came out of a coding. */
  seeInside(chunk: Uint8Array): void;
  /** What disagrees, in words; undefined where all agree, or nothing was announced. */
  ofMessage(): string | undefined;
  /** Once the whole is there. */
  ofWhole(): string | undefined;
  /** Of a capture: has the whole the digest that the index gives? Undefined where it gives none. */
  ofIndex(): boolean | undefined;
}

const nothing = () => undefined;
const none: Checks = {
  see: nothing,
  seeInside: nothing,
  ofMessage: nothing,
  ofWhole: nothing,
  ofIndex: nothing,
};

/** A sum may be of this message alone, or of the whole: then what is there already counts, too. */
export async function checksFor(
  { status, headers }: Answer,
  plan: Plan,
  { part, location }: { readonly part: string; readonly location: Location },
): Promise<Checks> {
  const announced = announcedDigests(headers, { status, coded: plan.isCoded });
  const digest = location.snapshot?.digest;
  if (announced.length === 0 && !digest) return none;
  const index = digest ? new IndexSums(digest) : undefined;
  const ofMessage = announced.filter((one) => one.of === 'message');
  const ofWhole = announced.filter((one) => one.of === 'whole');
  const [message, whole] = [sumsFor(ofMessage), sumsFor(ofWhole)];
  const seeWhole = (chunk: Uint8Array) => {
    whole.update(chunk);
    index?.see(chunk);
  };
  if ((ofWhole.length > 0 || index) && plan.from) await readPart(part, plan.from.size, seeWhole);
  return {
    see(chunk) {
      message.update(chunk);
      seeWhole(chunk);
    },
    seeInside: (chunk) => index?.seeInside(chunk),
    ofMessage: () => disagreement(ofMessage, message),
    ofWhole: () => disagreement(ofWhole, whole),
    ofIndex: () => index?.agrees(),
  };
}

const sumsFor = (announced: readonly Announced[]) => new Sums(announced.map(({ algorithm }) => algorithm));
