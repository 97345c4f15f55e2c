// Links between pages: that their files and the headings that they name exist.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import GithubSlugger from "github-slugger";
import { marked, type Token, type Tokens } from "marked";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";

/** The anchors of a page's headings, as the forge makes them, and those that are written as `<a id="…">`. */
export function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === "heading") anchors.add(slugger.slug(plain((token as Tokens.Heading).tokens)));
  });
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) anchors.add(id!);
  return anchors;
}

/** What a reader sees of inline tokens. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      "tokens" in token && token.tokens ? plain(token.tokens) : "text" in token ? unescaped(token.text) : "",
    )
    .join("");
}

/** The lexer leaves HTML's escapes in the text of some tokens. */
function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** The targets of a page's links and pictures. */
export function targetsOf(page: Page): string[] {
  const targets: string[] = [];
  marked.walkTokens([...page.tokens], (token) => {
    if (token.type === "link" || token.type === "image") targets.push((token as Tokens.Link).href);
  });
  for (const [, target] of page.text.matchAll(/<(?:img|source)[^>]*? (?:src|srcset)="([^"]+)"/g))
    targets.push(target!);
  return targets;
}

/** The links of a page that lead nowhere. Those to other hosts are not followed. */
export function deadLinks(page: Page): string[] {
  return targetsOf(page).flatMap((target) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page.path : normalize(join(dirname(page.path), path));
    if (!existsSync(join(ROOT, file))) return [`${page.path}: ${target}: there is no ${file}`];
    if (anchor === undefined) return [];
    const known =
      statSync(join(ROOT, file)).isFile() && anchorsOf(readFileSync(join(ROOT, file), "utf8")).has(anchor);
    return known ? [] : [`${page.path}: ${target}: ${file} has no heading ${anchor}`];
  });
}
