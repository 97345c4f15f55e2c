import type { ObjectReport } from "../inspect/object.ts";

/** What of an app decides on what it needs of a machine. */
export interface App {
  /** The path of the executable, as its user names it. */
  readonly file: string;
  /** Its absolute path. */
  readonly path: string;
  readonly objects: readonly ObjectReport[];
  /** Whether the app decides at run time which programs it loads, so that it may do without some. */
  readonly adapts: boolean;
}
