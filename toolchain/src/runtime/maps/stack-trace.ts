import type { Codec } from "../spec.ts";
import { FD, KeyedMap } from "./keyed.ts";

/**
 * A map of type stack_trace: from an id that bpf_get_stackid() has returned to addresses, those of the innermost frame
 * first. {@link Ksyms} names those of the kernel.
 */
export class StackTraceMap extends KeyedMap<number, bigint[]> {
  /** @internal */
  protected override get keyCodec(): Codec<number> {
    return FD;
  }

  /** @internal */
  protected override get valueCodec(): Codec<bigint[]> {
    const size = this.valueSize;
    return {
      ctype: "__u64[]",
      size,
      align: 8,
      read(m, at) {
        const addresses: bigint[] = [];
        // Places that are not used are zero.
        for (let i = at / 8; i < (at + size) / 8 && m.u64[i] !== 0n; i++) addresses.push(m.u64[i]!);
        return addresses;
      },
      write(m, at, addresses) {
        m.u64.set(addresses, at / 8);
      },
    };
  }
}
