import { EventSource } from "./source.ts";

/**
 * A perf event array (BPF_MAP_TYPE_PERF_EVENT_ARRAY), out of which events come. It has one ring for each CPU, and they are
 * read by turns, so that only events of the same CPU are in order. It works on every kernel that has BPF; since Linux 5.8
 * a {@link RingBuffer} is better.
 *
 * `T` is an event as a plain value, `W` its view. Without a type, events are bytes.
 */
export class PerfEventArray<T = Uint8Array, W = Uint8Array> extends EventSource<T, W> {
  /** How many events found their CPU's ring full. The kernel reports them once there is room again. */
  get lost(): number {
    return Number(this.dropped);
  }
}
