import { lstatSync, readlinkSync } from "node:fs";

/**
 * What records and the cache know of an output, as one text, so that two of them are compared as texts:
 * `MODE SHA256` of a file, with its permission bits in octal, or `link:TARGET` of a symbolic link.
 */
export type OutputText = string;

/** The same, taken apart. */
export type Output = { readonly link: string } | { readonly mode: number; readonly hash: string };

const LINK = "link:";

/** Describes the output at `path`, or gives undefined when there is none. `content` gives the hash of a file. */
export function describeOutput(path: string, content: () => string): OutputText | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isSymbolicLink()) return `${LINK}${readlinkSync(path)}`;
  return `${(stat.mode & 0o777).toString(8)} ${content()}`;
}

export function parseOutput(text: OutputText): Output {
  if (text.startsWith(LINK)) return { link: text.slice(LINK.length) };
  const blank = text.indexOf(" ");
  return { mode: Number.parseInt(text.slice(0, blank), 8), hash: text.slice(blank + 1) };
}
