import { distance } from "fastest-levenshtein";

/** The known word nearest to what was typed, if it is near enough to be a slip or begins as it does. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const lower = typed.toLowerCase();
  const [best] = known
    .map((word) => ({ word, edits: distance(lower, word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  if (best && best.edits <= Math.max(2, Math.floor(best.word.length / 3)) && best.edits < typed.length)
    return best.word;
  return known.find((word) => typed !== "" && word.toLowerCase().startsWith(lower));
}

/** The question before a list of what is known: "Did you mean minimal? ", or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const word = nearest(typed, known);
  return word === undefined ? "" : `Did you mean ${word}? `;
}
