// The pages of the documentation, and the blocks in them.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { marked, type Token, type Tokens } from "marked";
import { ROOT } from "../root.ts";

/** A fenced block. */
export interface Block {
  /** The page's path from the project's folder. */
  readonly page: string;
  /** The line of its fence, counted from 1. */
  readonly line: number;
  /** The first word after the fence: `sh`, `ts`; empty if there is none, as for an indented block. */
  readonly kind: string;
  /** The words after that. `file=src/x.ts` is `file` with a value, `unordered` has an empty one. */
  readonly words: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface Page {
  /** The path from the project's folder: `docs/maps.md`. */
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly blocks: readonly Block[];
  /** The template of the app that the page starts in; undefined if it starts in an empty folder. */
  readonly app: string | undefined;
}

/** `npm run api` makes these of the sources, whose comments hold their own examples. */
const GENERATED = /^docs\/(?:api|reference)\//;

/** Reads every page. */
export function pages(): Page[] {
  return ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT }).sort()]
    .filter((path) => !GENERATED.test(path))
    .map((path) => readPage(path, readFileSync(join(ROOT, path), "utf8")));
}

/** Reads the text of a page. */
export function readPage(path: string, text: string): Page {
  const tokens = marked.lexer(text);
  const app = /<!-- app: (\w+) -->/.exec(text.split("\n", 5).join("\n"))?.[1];
  return { path, text, tokens, blocks: blocksOf(path, text, tokens), app };
}

/** Where a block is, as a compiler says it. */
export function at(block: Block): string {
  return `${block.page}:${block.line}`;
}

function blocksOf(page: string, text: string, tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  marked.walkTokens([...tokens], (token) => {
    if (token.type !== "code") return;
    const { lang = "", text: content, raw } = token as Tokens.Code;
    // The lexer has no positions. Blocks are met in the order of the page; inside of a list they are indented there.
    const first = raw.split("\n", 1)[0]!.trim();
    const found = text.indexOf(first, from);
    from = found + raw.trimEnd().length;
    const [kind = "", ...words] = lang.split(/\s+/);
    const pairs = words.map((word) => [word.split("=")[0]!, word.split("=").slice(1).join("=")] as const);
    const line = text.slice(0, found).split("\n").length;
    blocks.push({ page, line, kind, words: new Map(pairs), text: content });
  });
  return blocks;
}
