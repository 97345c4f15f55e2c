import { userCache } from "../base/user-cache.ts";

/** The folder of the user's cache with kernels, libraries and the programs of guests. */
export function guestCache(): string {
  return userCache("guests");
}
