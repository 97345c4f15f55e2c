import { isAbsolute, join, normalize, relative } from "node:path";

/** A relative path that `normalize` would not change. */
const PLAIN_NAME = /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))./s;

/** The one spelling of a path: relative to `root` if it is below it, otherwise absolute. A directory keeps its "/". */
export function canonical(root: string, path: string): string {
  if (PLAIN_NAME.test(path)) return path;
  const plain = normalize(path);
  if (plain === ".." || plain.startsWith("../")) return join(root, plain);
  if (!isAbsolute(plain)) return plain;
  const inside = relative(root, plain);
  if (inside === "" || inside === ".." || inside.startsWith("../")) return plain;
  return plain.endsWith("/") ? `${inside}/` : inside;
}

/** The file that a canonical path stands for. `node:path` would take longer than the system call that follows. */
export function under(root: string, path: string): string {
  return path.startsWith("/") ? path : `${root}/${path}`;
}

/**
 * Turns a step's id into a file name; different ids give different names. The name becomes part of staging paths, so it
 * has only characters that mean nothing to a shell, to make or to a compiler's `-ffile-prefix-map`.
 */
export function safeName(id: string): string {
  return id.replace(/[^A-Za-z0-9.-]|^\.+/g, (text) => `_${Buffer.from(text).toString("hex")}`);
}

/** The directories that contain a path, the innermost first, each with a "/" at its end. */
export function* ancestors(path: string): Generator<string> {
  let end = path.lastIndexOf("/", path.length - 2);
  for (; end > 0; end = path.lastIndexOf("/", end - 1)) yield path.slice(0, end + 1);
}
