import type { Token } from "./scan.ts";

export const OPENERS = new Set(["(", "["]);
export const CLOSERS = new Set([")", "]"]);

/** What the tokens before a brace define. Undefined if it is the brace of a function or of an initialiser. */
export function definition(before: readonly Token[]): { keyword: string; tag: string } | undefined {
  const bare = withoutAttributes(before);
  if (bare.some(({ text }) => text === "=" || text === "(")) return undefined;
  const at = bare.findIndex(({ text }) => text === "struct" || text === "union" || text === "enum");
  const keyword = bare[at]?.text;
  return keyword === undefined ? undefined : { keyword, tag: bare[at + 1]?.text ?? "" };
}

/** Leaves out `__attribute__((…))`. */
function withoutAttributes(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  let inside = false;
  let depth = 0;
  for (const token of tokens) {
    if (!inside && token.text.startsWith("__attribute")) inside = true;
    else if (!inside) kept.push(token);
    else if (token.text === "(") depth++;
    else if (token.text === ")" && --depth === 0) inside = false;
  }
  return kept;
}

function withoutGroups(tokens: readonly Token[]): Token[] {
  let depth = 0;
  return tokens.filter(({ text }) => {
    if (OPENERS.has(text)) depth++;
    const outside = depth === 0;
    if (CLOSERS.has(text)) depth--;
    return outside;
  });
}

/** The names of members: the last word of each declarator, or the word after the star of a function pointer. */
export function declared(tokens: readonly Token[]): string[] {
  let part: Token[] = [];
  const parts = [part];
  let depth = 0;
  for (const token of tokens) {
    if (OPENERS.has(token.text)) depth++;
    if (CLOSERS.has(token.text)) depth--;
    if (token.text === "," && depth === 0) {
      part = [];
      parts.push(part);
    } else part.push(token);
  }
  return parts.flatMap((part) => {
    const star = part.findIndex(({ text }, index) => text === "(" && part[index + 1]?.text === "*");
    const pointed = part.slice(star + 2).find(({ kind }) => kind === "word");
    if (star >= 0 && pointed !== undefined) return [pointed.text];
    const end = part.findIndex(({ text }) => text === ":" || text === "=");
    const words = withoutGroups(end < 0 ? part : part.slice(0, end)).filter(
      ({ kind, text }) => kind === "word" && !/^(?:__attribute|SEC$|__k(?:ptr|config|sym))/.test(text),
    );
    return words.slice(-1).map(({ text }) => text);
  });
}

/** The names of globals. For a function also the first word in its parentheses, for `int BPF_PROG(name, …)`. */
export function globalNames(tokens: readonly Token[]): string[] {
  const names = declared(tokens);
  const open = tokens.findIndex(
    ({ text }, index) =>
      text === "(" && tokens[index - 1]?.text !== "SEC" && tokens[index - 1]?.kind === "word",
  );
  const inside = open < 0 ? undefined : tokens[open + 1];
  if (inside?.kind === "word") names.push(inside.text);
  return names;
}
