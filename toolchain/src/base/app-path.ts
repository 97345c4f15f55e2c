/**
 * Characters that no tool takes in the path of an app: those that control terminals, newlines among them, because tools
 * list paths in lines; the one that stands for bytes that are no text, because Node cannot name such a path; and the
 * backslash, because Node imports no module from below such a folder.
 */
const IMPOSSIBLE = /[\p{Cc}\u2028\u2029\uFFFD\\]/u;

/**
 * The first character of a path for which an app cannot lie there, or undefined if it can be built. Blanks, quotes, `$`,
 * `~`, `:`, `#`, `%` and letters of any language are no hindrance.
 */
export function unbuildablePath(path: string): string | undefined {
  return IMPOSSIBLE.exec(path)?.[0];
}
