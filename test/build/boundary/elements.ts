import { readFileSync } from "node:fs";
import {
  type BpfMap,
  type Codec,
  Memory,
  PerCpuArrayMap,
  PerCpuHashMap,
  StackTraceMap,
} from "../../../toolchain/src/runtime/index.ts";

/** `0-3` has four. */
const CPUS =
  Number(/\d+$/.exec(readFileSync("/sys/devices/system/cpu/possible", "latin1").trim())?.[0] ?? 0) + 1;

/** A key and a value of the map's own types: what zeroes mean there. */
export function elementOf(map: BpfMap): { key: unknown; value: unknown } {
  const key = zero(map.spec.key) ?? 1;
  const value = zero(map.spec.value);
  if (map instanceof StackTraceMap) return { key, value: [5n] };
  const perCpu = map instanceof PerCpuHashMap || map instanceof PerCpuArrayMap;
  return { key, value: perCpu ? Array.from({ length: CPUS }, () => value) : value };
}

function zero(codec: Codec<unknown, never> | undefined): unknown {
  return codec?.read(Memory.alloc(codec.size), 0);
}
