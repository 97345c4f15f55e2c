import { Failure } from "../base/failure.ts";
import { glibcVersion, type LibcPlace, muslLoader } from "../base/libc.ts";

/**
 * Refuses a system whose C library is musl. This is said before any tool runs, because what they say of it is about symbols.
 * @throws Failure host-is-musl
 */
export function requireGlibc(place: LibcPlace = {}): void {
  const loader = muslLoader(place);
  if (loader !== undefined) throw new Failure("host", { kind: "host-is-musl", loader });
}

/**
 * The C library, for people: `glibc 2.36`.
 * @throws Failure host-is-musl
 */
export function libcText(place: LibcPlace = {}): string {
  requireGlibc(place);
  const version = (place.glibc ?? glibcVersion)();
  return version === undefined ? "unknown, and not musl" : `glibc ${version}`;
}
