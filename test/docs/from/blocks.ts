import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../root.ts";

/** The files that a page of docs/from writes out, by the paths that its fences name: ```` ```go file=main.go ````. */
export function filesOf(page: string): Record<string, string> {
  const text = readFileSync(join(ROOT, "docs/from", page), "utf8");
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm);
  return Object.fromEntries(Array.from(blocks, ([, path, content]) => [path!, content!]));
}

/**
 * One of them.
 * @throws Error if the page has no such file
 */
export function fileOf(page: string, path: string): string {
  const text = filesOf(page)[path];
  if (text === undefined) throw new Error(`docs/from/${page} has no file ${path}`);
  return text;
}
