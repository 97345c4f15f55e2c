// What some kernels lack, and blocks ask for by `needs=NAME`. Where it is lacking, a block is type-checked only, and the
// test says so. The guests' kernels have all of it, and the templates' tests use it there.
import { existsSync } from "node:fs";
import type { Block } from "./pages.ts";

interface Facility {
  readonly here: () => boolean;
  readonly lacking: string;
}

export const FACILITIES: Readonly<Record<string, Facility>> = {
  kprobes: {
    here: () => existsSync("/sys/bus/event_source/devices/kprobe"),
    lacking: "this kernel has no kprobes (CONFIG_KPROBE_EVENTS)",
  },
  uprobes: {
    here: () => existsSync("/sys/bus/event_source/devices/uprobe"),
    lacking: "this kernel has no uprobes (CONFIG_UPROBE_EVENTS)",
  },
};

/** What a block needs and this machine lacks, in words; undefined if it can run here. */
export function lackingHere(block: Block): string | undefined {
  const facility = FACILITIES[block.words.get("needs") ?? ""];
  return facility && !facility.here() ? facility.lacking : undefined;
}
