import { distance } from "fastest-levenshtein";

/** The known word that was probably meant: it differs from the typed one by a few letters, or begins with it. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const lower = typed.toLowerCase();
  const [best] = known
    .map((word) => ({ word, edits: distance(lower, word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  if (best && best.edits <= Math.max(2, Math.floor(best.word.length / 3)) && best.edits < typed.length)
    return best.word;
  return known.find((word) => typed !== "" && word.toLowerCase().startsWith(lower));
}

/** A question to put before a list of the known words: "Did you mean minimal? ", or an empty text. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const word = nearest(typed, known);
  return word === undefined ? "" : `Did you mean ${word}? `;
}
