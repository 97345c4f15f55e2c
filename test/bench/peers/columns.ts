import { join } from "node:path";
import type { Peers } from "./rivals.ts";

/** A column of a table: the name of who is measured, and the command. */
export interface Column {
  readonly name: string;
  readonly command: readonly string[];
}

/**
 * The columns of a case: every rival that was built, and then ways of the app.
 *
 * @param object - the kernel program that all of them load, by its name
 * @param args - what the rivals are called with
 * @param ways - what the app is called with, by the names of its columns
 */
export function columns(
  peers: Peers,
  object: string,
  args: readonly string[],
  ways: Readonly<Record<string, readonly string[]>>,
): Column[] {
  const rivals = Object.entries(peers.programs).map(([name, program]) => ({
    name,
    command: [program, join(peers.app, ".output", `${object}.bpf.o`), ...args],
  }));
  const own = Object.entries(ways).map(([name, args]) => ({
    name,
    command: [join(peers.app, "dist", object), ...args],
  }));
  return [...rivals, ...own];
}
