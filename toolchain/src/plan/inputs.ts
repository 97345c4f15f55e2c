import type { Config } from "../config/load.ts";
import type { Host } from "../host/probe.ts";

/** Everything from which a plan is made. */
export interface PlanInput {
  readonly config: Config;
  readonly host: Host;
}

/** The app's folder for intermediate files. */
export const OUTPUT = ".output";
/** The app's folder for executables. */
export const DIST = "dist";

/** The path of an intermediate file: `output("minimal.bpf.o")`. */
export function output(file: string): string {
  return `${OUTPUT}/${file}`;
}

// Files that several steps name.
export const LIBELF = output("libelf.a");
export const ZLIB = output("libz.a");
export const LIBBPF = output("libbpf.a");
/** libbpf's public headers, included as <bpf/libbpf.h>. */
export const LIBBPF_HEADERS = output("bpf/");
export const BPFTOOL = output("bpftool/bootstrap/bpftool");
export const VMLINUX = output("vmlinux.h");
export const NODE_BASE = output("node");
/** The sha256 of the Node that is embedded, before it is stripped. */
export const NODE_SUM = output("node.sha256");
