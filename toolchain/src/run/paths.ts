import { isAbsolute, join, normalize, relative } from "node:path";

/** One spelling per file: relative to `root` when below it, absolute otherwise; a directory keeps its final "/". */
export function canonical(root: string, path: string): string {
  if (plainName.test(path)) return path;
  const plain = normalize(path);
  if (plain === ".." || plain.startsWith("../")) return join(root, plain);
  if (!isAbsolute(plain)) return plain;
  const inside = relative(root, plain);
  if (inside === "" || inside === ".." || inside.startsWith("../")) return plain;
  return plain.endsWith("/") ? `${inside}/` : inside;
}

/** Relative, and without anything that `normalize` would touch. */
const plainName = /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))./s;

/** Where a canonical path is; `node:path` would take longer than the system call that follows. */
export function under(root: string, path: string): string {
  return path.startsWith("/") ? path : `${root}/${path}`;
}

/**
 * A file name for a step's id, one to one. Only characters that mean nothing to a shell, to make or to a compiler's
 * `-ffile-prefix-map` remain, because this name becomes part of staging paths.
 */
export function safeName(id: string): string {
  return id.replace(/[^A-Za-z0-9.-]|^\.+/g, (text) => `_${Buffer.from(text).toString("hex")}`);
}

/** The directories a path lies in, each with its final "/", innermost first. */
export function* ancestors(path: string): Generator<string> {
  let end = path.lastIndexOf("/", path.length - 2);
  for (; end > 0; end = path.lastIndexOf("/", end - 1)) yield path.slice(0, end + 1);
}
