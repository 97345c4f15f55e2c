import type { Tool } from "./tool.ts";

declare const BPF_APP_IDENTITY: string | undefined;

/**
 * The toolchain itself, on which the built-in actions depend. When it is bundled its identity is the hash of its
 * sources; run from sources, it is the process, so that nothing it made is taken for fresh after an edit.
 */
export const SELF: Tool = {
  name: "bpf-app",
  path: "bpf-app",
  version: "bpf-app",
  identity: typeof BPF_APP_IDENTITY === "string" ? BPF_APP_IDENTITY : `sources ${process.pid}`,
};
