/** A token of C, or a comment. There are no tokens for the lines of the preprocessor, which is not executed here. */
export interface Token {
  readonly kind: "word" | "mark" | "text" | "comment";
  /** The token as it is written. For a comment, its lines without the marks around them. */
  readonly text: string;
  /** The line where it begins, counted from 1. */
  readonly line: number;
  /** The line where it ends. */
  readonly lastLine: number;
  /** Whether it is the first token on its line. */
  readonly first: boolean;
}

const PATTERN =
  /(?<directive>^[ \t]*#(?:[^\n\\]|\\[\s\S])*)|(?<comment>\/\*[\s\S]*?(?:\*\/|$(?![\s\S]))|\/\/[^\n]*)|(?<text>"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?)|(?<word>[\p{ID_Start}_$0-9][\p{ID_Continue}$.]*)|(?<mark>[^\s])/gmu;

/** Cuts a C file into tokens, in one pass. */
export function scan(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  let first = true;
  for (const match of source.matchAll(PATTERN)) {
    const gap = lines(source.slice(at, match.index));
    line += gap;
    if (gap > 0 || at === 0) first = true;
    const lastLine = line + lines(match[0]);
    const { directive, comment, text, word } = match.groups ?? {};
    const kind = comment ? "comment" : text ? "text" : word ? "word" : "mark";
    if (directive === undefined) {
      tokens.push({ kind, text: comment ? bare(comment) : match[0], line, lastLine, first });
      first = false;
    }
    at = match.index + match[0].length;
    line = lastLine;
  }
  return tokens;
}

function lines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The text of a comment, without slashes and stars and without the marks of doxygen that follow them. */
function bare(comment: string): string {
  const inner = comment.startsWith("//") ? comment.slice(2) : comment.slice(2).replace(/\*\/$/, "");
  return inner
    .split("\n")
    .map((line, index) => line.replace(index === 0 ? /^[/!*]*<?\s?/ : /^\s*\*?\s?/, "").trimEnd())
    .join("\n")
    .trim();
}
