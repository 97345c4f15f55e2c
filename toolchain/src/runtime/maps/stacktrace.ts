import type { Codec } from "../spec.ts";
import { FD, KeyedMap } from "./keyed.ts";

/** stack_trace: what bpf_get_stackid returned an id of. Addresses from the innermost frame outwards. */
export class StackTraceMap extends KeyedMap<number, bigint[]> {
  protected override get keyCodec(): Codec<number> {
    return FD;
  }

  protected override get valueCodec(): Codec<bigint[]> {
    const size = this.valueSize;
    return {
      ctype: "__u64[]",
      size,
      align: 8,
      read(m, at) {
        const addresses: bigint[] = [];
        // Unused places are zero.
        for (let i = at / 8; i < (at + size) / 8 && m.u64[i] !== 0n; i++) addresses.push(m.u64[i]!);
        return addresses;
      },
      write(m, at, addresses) {
        m.u64.set(addresses, at / 8);
      },
    };
  }
}
