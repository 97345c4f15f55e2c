import { type LibcPlace, muslLoader } from "../../toolchain/src/base/libc.ts";

/**
 * What is said on a system whose C library is musl, before an app is made there: it can be made, and not be built. Undefined
 * elsewhere. npm's scripts run on the Node that is embedded, which does not even start there, and says only that it is not
 * found.
 */
export function muslNote(place: LibcPlace = {}): string | undefined {
  if (muslLoader(place) === undefined) return undefined;
  return "This system's C library is musl, as in Alpine. The app is made, but it has to be built in a container or on a machine that has glibc: the Node in it is made for that.";
}
