import type { ObjectReport } from "../inspect/object.ts";

/** What of an app decides on what it needs of a machine. */
export interface App {
  /** The path of the executable, as its user names it. */
  readonly file: string;
  /** Its absolute path. */
  readonly path: string;
  readonly objects: readonly ObjectReport[];
  /** What it brings for kernels without BTF of their own: the releases, by object. */
  readonly btf?: readonly {
    readonly name: string;
    readonly kernels: readonly { readonly release: string }[];
  }[];
  /** Whether the app decides at run time which programs it loads, so that it may do without some. */
  readonly adapts: boolean;
}
