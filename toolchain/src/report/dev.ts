import { terminal } from "./terminal.ts";

/** Says why a build after a change failed. The app that runs keeps running. */
export function reportRebuildFailed(why: string): void {
  terminal.error(why);
}
