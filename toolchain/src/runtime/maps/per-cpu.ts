import type { Session } from "../session.ts";
import type { Codec, Init } from "../spec.ts";

/** The codec of a per-CPU value. The kernel hands out one for each possible CPU, each at a multiple of 8 bytes. */
export function perCpu<V>(session: Session, one: Codec<V, Init<V>>): Codec<V[], Init<V[]>> {
  const cpus = session.native.possibleCpus();
  const stride = (one.size + 7) & ~7;
  return {
    ctype: `${one.ctype}, one for each of ${cpus} CPUs`,
    size: stride * cpus,
    align: 8,
    read(m, at) {
      const values: V[] = [];
      for (let cpu = 0; cpu < cpus; cpu++) values.push(one.read(m, at + cpu * stride));
      return values;
    },
    write(m, at, given) {
      const values = given as ArrayLike<Init<V>>;
      if (values.length !== cpus) throw new RangeError(`${values.length} values for ${cpus} CPUs`);
      for (let cpu = 0; cpu < cpus; cpu++) one.write(m, at + cpu * stride, values[cpu]!);
    },
  };
}
