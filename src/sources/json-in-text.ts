/** Behind the bracket that closes what begins here; each letter is looked at once. */
export function endOf(text: string, start: number): number | undefined {
  let [depth, isText] = [0, false];
  for (let i = start; i < text.length; i++) {
    const letter = text[i];
    if (isText && letter === '\\') i++;
    else if (letter === '"') isText = !isText;
    else if (isText) continue;
    else if (letter === '[' || letter === '{') depth++;
    else if (letter === ']' || letter === '}') depth--;
    if (depth === 0) return i + 1;
  }
  return undefined;
}
