import { EventSource } from "./source.ts";

/**
 * A ring buffer (BPF_MAP_TYPE_RINGBUF), which is read where the kernel has written it. Needs Linux 5.8. Its size in bytes
 * is `maxEntries`, and may be 512 MiB at most.
 *
 * `T` is an event as a plain value, `W` its view. Without a type, events are bytes.
 */
export class RingBuffer<T = Uint8Array, W = Uint8Array> extends EventSource<T, W> {}
