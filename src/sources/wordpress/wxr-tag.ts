import type { Attributes } from '../elements.ts';

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;' };

/** An opening tag. */
export const tagOf = (name: string, attributes: Attributes): string => {
  const words = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${value.replace(/[&"<]/g, (letter) => escaped[letter]!)}"`,
  );
  return `<${name}${words.join('')}>`;
};
