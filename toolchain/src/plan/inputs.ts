import { ARCHES } from "../base/arch.ts";
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

/**
 * The path of an intermediate file that depends on the architecture that the app is built for. Those for another machine
 * lie in a folder of their own, `.output/arm64`, so that builds for both do not undo each other.
 */
export function built({ host }: { readonly host: Pick<Host, "arch" | "cross"> }, file: string): string {
  return output(host.cross ? `${host.arch.node}/${file}` : file);
}

/** The path of an executable: `dist/minimal`, or `dist/minimal-arm64` if it is for another machine than this one. */
export function executable({ host }: { readonly host: Pick<Host, "arch" | "cross"> }, name: string): string {
  return `${DIST}/${name}${host.cross ? `-${host.arch.node}` : ""}`;
}

/** All paths that an executable of a program may have, for this machine and for others. */
export function executables(name: string): readonly string[] {
  return ["", ...Object.keys(ARCHES).map((arch) => `-${arch}`)].map((end) => `${DIST}/${name}${end}`);
}

/** The libraries that an addon is linked with, which are for the machine that the app is built for. */
export function libraries(input: PlanInput): readonly string[] {
  return [LIBBPF, LIBELF, ZLIB].map((file) => built(input, file));
}

/** The Node that is embedded: a file that is there, or one that a step fetches. */
export function embeddedNode(input: PlanInput): string {
  const { node, cross } = input.host;
  if (!cross) return node.executable;
  return "executable" in cross.node ? cross.node.executable : built(input, "node-fetched");
}

// Files that several steps name. Those that follow are in `.output`, or in the folder of the architecture (`built`).
export const LIBELF = "libelf.a";
export const ZLIB = "libz.a";
export const LIBBPF = "libbpf.a";
export const VMLINUX = "vmlinux.h";
export const NODE_BASE = "node";
/** The sha256 of the Node that is embedded, before it is stripped. */
export const NODE_SUM = "node.sha256";

// These are the same for every architecture, or run here.
/** libbpf's public headers, included as <bpf/libbpf.h>. */
export const LIBBPF_HEADERS = output("bpf/");
export const BPFTOOL = output("bpftool/bootstrap/bpftool");
