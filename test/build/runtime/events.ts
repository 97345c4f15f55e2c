import type {
  PerfEventArray,
  Program,
  RingBuffer,
  Skeleton,
  SkeletonClass,
  UserRingBuffer,
} from "../../../toolchain/src/runtime/index.ts";
import { Subject, skeleton } from "./make.ts";

export interface Event {
  sequence: bigint;
  check: number;
  kind: number;
  text: string;
}
export interface EventView extends Event {
  readonly sequence$number: number;
}
interface Order {
  add: number;
  times: number;
}

/** The skeleton of events.bpf.c. */
export interface Events extends Skeleton {
  readonly maps: {
    readonly rb: RingBuffer<Event, EventView>;
    readonly raw: RingBuffer<Uint8Array, Uint8Array>;
    readonly numbers: RingBuffer<number, number>;
    readonly shorts: RingBuffer<Event, EventView>;
    readonly orders: UserRingBuffer<Order, Order>;
    readonly perf: PerfEventArray<Event, EventView>;
  };
  readonly progs: { readonly produce: Program };
  readonly bss: { produced: bigint; refused: bigint; sum: bigint; subject: number };
}

/** events.bpf.c, built, and a process whose system calls are events to it. */
export class EventScene implements AsyncDisposable {
  readonly events: SkeletonClass<Events>;
  readonly subject: Subject;

  private constructor(events: SkeletonClass<Events>, subject: Subject) {
    this.events = events;
    this.subject = subject;
  }

  static async start(): Promise<EventScene> {
    const { events } = await skeleton<{ events: SkeletonClass<Events> }>("events");
    return new EventScene(events, await Subject.start());
  }

  /** Loads a skeleton that looks at the subject's system calls, or at another's, once it is attached. */
  load(subject = this.subject): Events {
    const skel = this.events.open();
    skel.bss.subject = subject.pid;
    skel.load();
    return skel;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.subject[Symbol.asyncDispose]();
  }
}

/** Has the kernel write `count` events; every `discard`-th is taken back. */
export function produce(skel: Events, count: number, discard = 0): void {
  skel.progs.produce.testRun({ ctxIn: new Uint8Array(Uint32Array.of(count, discard).buffer) });
}
