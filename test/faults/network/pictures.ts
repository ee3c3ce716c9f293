import { answer } from '../../helpers/answers.ts';
import { photo } from '../../helpers/media.ts';
import type { Script } from '../../helpers/raw-talk.ts';

/** Another picture for each text, so that none is a duplicate; with the head that goes before it. */
export const pictureFor = (text: string): Buffer =>
  answer(
    200,
    { 'Content-Type': 'image/jpeg' },
    photo([...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 10_007, 7)),
  );

/** A picture at each address. */
export const pictures: Script = (exchange) => exchange.say(pictureFor(exchange.path));
