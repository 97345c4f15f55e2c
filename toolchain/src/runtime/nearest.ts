import { distance } from "fastest-levenshtein";

/** The known name that was probably meant: the one that differs by the fewest letters, and by no more than a third of them. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const [best] = known
    .map((word) => ({ word, edits: distance(lower, word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.max(2, Math.floor(best.word.length / 3)) && best.edits < name.length
    ? best.word
    : undefined;
}
