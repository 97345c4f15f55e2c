/** The name of the text that a bundle begins with, which imports the app's entry. */
export const ENTRY = "bundle";

/** The namespaces of Node's own modules in a bundle: those that are taken whole, and those of which names are taken. */
export const WHOLE = "builtin";
export const NAMED = "builtin-names";

/** Whether a path that esbuild tells of a bundle is that of a file, and not of a text that was made for the bundle. */
export function isFile(path: string): boolean {
  return path !== ENTRY && ![WHOLE, NAMED].some((namespace) => path.startsWith(`${namespace}:`));
}
