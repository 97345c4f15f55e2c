import type { BpfMap, HashMap, RingBuffer, Skeleton } from "../../../toolchain/src/runtime/index.ts";

/** The skeleton of brief.bpf.c. */
export interface Brief extends Skeleton {
  readonly maps: {
    readonly rb: RingBuffer<bigint, bigint>;
    readonly table: HashMap<number, bigint>;
    readonly data_list: BpfMap;
  };
  readonly data_list: { list: Uint32Array };
  readonly rodata: { step: number };
  readonly bss: { calls: number };
}
