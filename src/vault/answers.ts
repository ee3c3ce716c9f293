import type { Ledger } from './ledger.ts';
import { storing } from './storing.ts';

/** What web archives answered within the last days, by the question. */
export interface Answers {
  recall(question: string): Promise<unknown>;
  remember(question: string, answer: unknown): Promise<void>;
}

export const rememberedIn = (ledger: Ledger, root: string): Answers => ({
  recall: (question) => storing(`Cannot read the ledger of ${root}`, () => ledger.answerTo(question)),
  remember: (question, answer) =>
    storing(`Cannot write the ledger of ${root}`, () => ledger.learnAnswer(question, answer)),
});
