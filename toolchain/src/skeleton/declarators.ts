import type { Token } from "./scan.ts";

export const openers = new Set(["(", "["]);
export const closers = new Set([")", "]"]);

/** What the tokens before a brace define, if it is not the brace of a function or of an initialiser. */
export function definition(before: readonly Token[]): { keyword: string; tag: string } | undefined {
  const bare = withoutAttributes(before);
  if (bare.some(({ text }) => text === "=" || text === "(")) return undefined;
  const at = bare.findIndex(({ text }) => text === "struct" || text === "union" || text === "enum");
  return at < 0 ? undefined : { keyword: bare[at]!.text, tag: bare[at + 1]?.text ?? "" };
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
    if (openers.has(text)) depth++;
    const outside = depth === 0;
    if (closers.has(text)) depth--;
    return outside;
  });
}

/** Names of members: the last word of each declarator, or what a function pointer's star stands before. */
export function declared(tokens: readonly Token[]): string[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (openers.has(token.text)) depth++;
    if (closers.has(token.text)) depth--;
    if (token.text === "," && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.flatMap((part) => {
    const star = part.findIndex(({ text }, index) => text === "(" && part[index + 1]?.text === "*");
    const pointed = part.slice(star + 2).find(({ kind }) => kind === "word");
    if (star >= 0 && pointed !== undefined) return [pointed.text];
    const end = part.findIndex(({ text }) => text === ":" || text === "=");
    const words = withoutGroups(end < 0 ? part : part.slice(0, end)).filter(
      ({ kind, text }) => kind === "word" && !/^(?:__attribute|SEC$|__k(?:ptr|config|sym))/.test(text),
    );
    return words.length === 0 ? [] : [words.at(-1)!.text];
  });
}

/** Of a function also the first word in its parentheses: `int BPF_PROG(name, …)`. */
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
