/**
 * The name of a variable by which ICU, in Node, is told of a folder with data on time zones. It asks for it before any script
 * runs, and also where the process has privileges that its caller does not have; and it takes the data for sound without
 * looking. All other names that could load something are ignored then, by Node, OpenSSL or the C library.
 */
const NAME = Buffer.from("ICU_TIMEZONE_FILES_DIR\0");

/** How many bytes the name takes, with the NUL behind it. */
export const NAME_SIZE = NAME.length;

/** What the name's first byte becomes: then it is empty, and no variable has an empty name (getenv(3) returns NULL). */
export const SILENT = Buffer.from("\0");

/** Where in `bytes` the name stands. */
export function findNames(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(NAME); at >= 0; at = bytes.indexOf(NAME, at + NAME_SIZE)) found.push(at);
  return found;
}
