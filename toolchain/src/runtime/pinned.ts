import { readlinkSync } from "node:fs";
import { PinError, type PinKind } from "./errors.ts";

const KINDS: Readonly<Record<string, PinKind>> = { map: "map", prog: "program", link: "link" };

/**
 * Sees to it that the descriptor of a pinned object is of the kind that is wanted. The kernel's own calls do not help:
 * asked about a program as if it were a map, BPF_OBJ_GET_INFO_BY_FD answers with the program's numbers.
 *
 * @throws {@link PinError} if the pin is something else
 */
export function checkPin(call: string, path: string, fd: number, wanted: PinKind): void {
  // Kernels write "bpf-map" and "bpf-prog", but "bpf-link" or "bpf_link".
  const name = /^anon_inode:bpf[-_](\w+)$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  const kind = name === undefined ? undefined : KINDS[name];
  if (kind !== wanted) throw new PinError(call, path, wanted, kind);
}
