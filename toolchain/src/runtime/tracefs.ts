import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { EINVAL, ENOENT } from "./errno.ts";

const PLACES = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/**
 * Reads a file of the tracing file system, wherever that is mounted.
 *
 * @returns its text; a negative error if it cannot be read
 */
export function tracefsFile(path: string): string | number {
  let error = ENOENT;
  for (const place of PLACES) {
    try {
      return readFileSync(`${place}/${path}`, "latin1");
    } catch (fault) {
      const { code = "" } = fault as NodeJS.ErrnoException;
      const number = -((constants.errno as Readonly<Record<string, number>>)[code] ?? -EINVAL);
      // Where it is mounted in the other place only, this one is said not to have the file.
      if (number !== ENOENT) error = number;
    }
  }
  return error;
}
