import { terminal } from "./terminal.ts";

/** Says why an edit did not build; the app that runs stays as it is. */
export function reportRebuildFailed(why: string): void {
  terminal.error(why);
}
