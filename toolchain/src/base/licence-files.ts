import { readdirSync } from "node:fs";
import { join } from "node:path";

/** How files are called that hold the text of a licence, or a notice that has to go with every copy. */
const NAMES = /^(?:un)?licen[cs]e|^copying|^copyright|^notices?(?:[._-]|$)|^third[-_]?party/i;
/** The folder in which the REUSE specification keeps the texts. */
const FOLDER = "LICENSES";
/** Code that a package happens to call so, such as license.js. */
const CODE = /\.(?:[cm]?[jt]sx?|json|map|h|c|py|sh)$/i;

/** The names of the licence texts of a folder in alphabetical order, relative to it; none where there is no such folder. */
export function licenceFiles(folder: string): string[] {
  const found = filesOf(folder).filter((name) => NAMES.test(name) && !CODE.test(name));
  return [...found, ...filesOf(join(folder, FOLDER)).map((name) => `${FOLDER}/${name}`)].sort();
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => name);
  } catch {
    // It is not there, or is no folder.
    return [];
  }
}
