import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { BpfMap } from "../../../toolchain/src/runtime/index.ts";

/**
 * Takes a struct_ops table out of the kernel. Without BPF_F_LINK a table belongs to no link: when its Link is told to
 * leave it attached, it stays until somebody deletes it, longer than the process lives.
 */
export function removeTable({ fd, session: { native } }: BpfMap): void {
  if (fd < 0) return;
  const elements = native.elementsOpen(fd, new ArrayBuffer(16), 8, 8);
  native.delete(elements, 0);
  native.elementsClose(elements);
}

/** Whether the table of congestion.bpf.c is gone, which every other test of it needs. */
export function assertNoTable(): void {
  const known = readFileSync("/proc/sys/net/ipv4/tcp_available_congestion_control", "utf8");
  assert.doesNotMatch(known, /bpf_app_slow/, "a struct_ops table is left in the kernel");
}
