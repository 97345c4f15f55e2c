import type { Tool } from "./tool.ts";

declare const BPF_APP_IDENTITY: string | undefined;

/**
 * The toolchain itself, which is the tool of the built-in actions. When it is bundled, its identity is the hash of its
 * sources. When it runs from its sources, its identity is the process id: every run then repeats the built-in actions,
 * because the sources may have been edited since.
 */
export const SELF: Tool = {
  name: "bpf-app",
  path: "bpf-app",
  version: "bpf-app",
  identity: typeof BPF_APP_IDENTITY === "string" ? BPF_APP_IDENTITY : `sources ${process.pid}`,
};
