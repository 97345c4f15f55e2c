import { type Memory, type Program, u32, u64 } from "../../../toolchain/src/runtime/index.ts";

/** What arguments are made from. */
export interface Own {
  /** Of the map that is called: a key and a value of its types. */
  readonly key: unknown;
  readonly value: unknown;
  readonly program: Program;
  /** Some map, as what is taken by its descriptor. */
  readonly map: { readonly fd: number };
  /** A path that is free: in an ordinary folder, and on a BPF file system. */
  readonly path: string;
  readonly pinPath: string;
  /** Aborted when everything is over, so that what waits ends. */
  readonly signal: AbortSignal;
}

/** A view of a struct in an arena. */
class Place {
  readonly $m: Memory;
  readonly $at: number;

  constructor(m: Memory, at: number) {
    this.$m = m;
    this.$at = at;
  }
}

type Lists = (own: Own) => readonly (readonly unknown[])[];

const nothing: Lists = () => [[]];
const keyed: Lists = ({ key }) => [[key]];
const written: Lists = ({ key, value }) => [
  [key, value],
  [key, value, 1],
  [key, value, 2],
];
const valued: Lists = ({ value }) => [[value]];
const events: Lists = ({ signal }) => [[{ signal }]];
const interfaces: Lists = () => [["lo"], ["no-such-device"], [1], [-1]];

/**
 * How each method is called, by the class that declares it: lists of arguments, right by their types, though not all of
 * them by their values. Getters need no entry.
 */
export const CALLS: Readonly<Record<string, Readonly<Record<string, Lists>>>> = {
  Program: {
    setAutoload: () => [[true]],
    setAutoAttach: () => [[true]],
    setLogLevel: () => [[0], [99]],
    setFlags: () => [[0], [16]],
    setType: () => [[5], ["struct_ops"], ["none"], [999], [-1]],
    setExpectedAttachType: () => [[0], ["tcx_ingress"], ["none"], [999]],
    setIfindex: () => [[0], [1]],
    setAttachTarget: ({ program }) => [["schedule"], ["no_such_function"], ["replaceable", program]],
    attach: nothing,
    pin: ({ path, pinPath }) => [[path], [pinPath]],
    unpin: ({ path, pinPath }) => [[path], [pinPath]],
    testRun: () => [
      [],
      [{ dataIn: new Uint8Array(64) }],
      [{ dataIn: new Uint8Array(new SharedArrayBuffer(64)), repeat: 3 }],
      [{ ctxIn: new Uint8Array(8) }],
      [{ dataIn: new Uint8Array(), dataOutSize: 0, cpu: 999, flags: -1 }],
    ],
    stats: nothing,
  },
  ProbeMethods: {
    attachKprobe: () => [
      ["schedule"],
      ["no_such_function", { retprobe: true, offset: 4n, attachMode: "link" }],
    ],
    attachKprobeMulti: () => [
      ["schedule*"],
      [{ symbols: ["schedule", "no_such_function"] }, { cookies: [1n, 2n] }],
      [{ addresses: [0n] }, { session: true }],
    ],
    attachKsyscall: () => [["getpgid"], ["no_such_call", { retprobe: true, cookie: 1 }]],
    attachUprobe: () => [
      [{ binary: process.execPath, function: "main" }],
      [{ binary: "/no/such/binary", offset: 16n, pid: 1, attachMode: "legacy" }],
    ],
    attachUprobeMulti: () => [
      [{ binary: process.execPath, pattern: "no_such_*" }],
      [{ binary: process.execPath, offsets: [1n << 60n], cookies: [1], refCounterOffsets: [0n] }],
      [{ binary: "/no/such/binary", symbols: ["main"] }],
    ],
    attachUsdt: () => [[{ binary: process.execPath, provider: "node", name: "none", pid: -1 }]],
  },
  TracingMethods: {
    attachTracepoint: () => [
      ["syscalls", "sys_enter_getpgid", { cookie: 7n }],
      ["none", "none"],
    ],
    attachRawTracepoint: () => [["sys_enter"], ["none", { cookie: 1n }]],
    attachTrace: () => [[], [{ cookie: 1n }]],
    attachLsm: nothing,
    attachIter: ({ map }) => [[], [{ map }], [{ cgroup: "/no/such/folder" }], [{ tid: 1 }]],
    attachPerfEvent: () => [[{ frequency: 10 }], [{ type: 99, cpu: 0 }], [{ cpu: 999, period: 1000n }]],
    attachFreplace: ({ program }) => [
      [program, "replaceable"],
      [{ fd: -1 }, "none"],
    ],
  },
  NetworkMethods: {
    attachXdp: () => [
      ["lo"],
      ["lo", { mode: "generic" }],
      ["lo", { mode: "native", replace: true }],
      ["no-such-device", { mode: "offload" }],
    ],
    attachTc: () => [
      ["lo", { direction: "ingress", destroyHook: true }],
      [-1, { direction: "egress", destroyHook: true }],
    ],
    attachTcx: interfaces,
    attachNetkit: interfaces,
    attachNetfilter: () => [
      [{ family: 2, hook: 1, priority: -100 }],
      [{ family: 99, hook: 99, priority: 0 }],
    ],
    attachNetns: () => [[], ["/no/such/file"], ["/dev/null"]],
  },
  AttachMethods: {
    attachCgroup: () => [
      ["/no/such/folder"],
      ["/sys/fs/cgroup"],
      ["/sys/fs/cgroup", { flags: 8, relativeFd: -1 }],
    ],
    attachSocketFilter: () => [["lo"], ["no-such-device"], [{ fd: -1 }]],
    attachSockmap: ({ map }) => [[map], [{ fd: -1 }]],
  },
  PerfLinks: { destroy: nothing },
  Link: {
    destroy: nothing,
    detach: nothing,
    pin: ({ path, pinPath }) => [[path], [pinPath]],
    unpin: nothing,
    disconnect: nothing,
    update: ({ program }) => [[program]],
    read: nothing,
    lines: nothing,
  },
  Undo: { destroy: nothing },
  Stream: {},
  BpfMap: {
    setMaxEntries: () => [[8], [0], [3], [1 << 16]],
    setValueSize: () => [[8], [0], [4096], [64]],
    setKeySize: () => [[4], [0], [4096]],
    setFlags: () => [[0], [1], [1 << 10], [-1]],
    setType: () => [["hash"], [2], ["struct_ops"], ["ringbuf"], ["none"], [999], [-1]],
    setAutocreate: () => [[true]],
    setPinPath: ({ path, pinPath }) => [[path], [pinPath]],
    reuse: ({ map }) => [[{ fd: -1 }], [map]],
    pin: ({ path, pinPath }) => [[path], [pinPath]],
    close: nothing,
  },
  ProgramOutput: { lines: events, read: nothing },
  ArenaMap: {
    offset: () => [[0n], [1n << 44n]],
    get: () => [
      [u32, 4],
      [u64, 4],
      [u32, -4],
      [u32, 0n],
    ],
    set: () => [
      [u32, 8, 1],
      [u32, 1 << 30, 1],
    ],
    view: () => [
      [{ ...u32, View: Place }, 0],
      [{ ...u32, View: Place }, 1 << 30],
    ],
  },
  StructOpsMap: { attach: nothing, setAutoAttach: () => [[true]] },
  KeyedMap: {
    get: ({ key }) => [[key], [key, 4]],
    set: written,
    has: keyed,
    delete: keyed,
    entries: nothing,
    keys: nothing,
    values: nothing,
    updateBatch: ({ key, value }) => [[[]], [[[key, value]]], [[[key, value]], 1]],
  },
  IndexedMap: { get: ({ key }) => [[key], [key, 4], [1 << 20]] },
  ArrayMap: {
    get: ({ key }) => [[key], [1 << 20]],
    set: written,
    view: ({ key }) => [[key], [1 << 20]],
  },
  HashMap: {
    lookupAndDelete: ({ key }) => [[key], [key, 4]],
    lookupAndDeleteBatch: nothing,
    deleteBatch: ({ key }) => [[[]], [[key, key]]],
    clear: nothing,
  },
  LocalStorageMap: { get: () => [[-1], [0]], set: ({ value }) => [[-1, value]], delete: () => [[-1]] },
  QueueMap: { push: ({ value }) => [[value], [value, { overwrite: true }]], pop: nothing, peek: nothing },
  BloomFilterMap: { add: valued, has: valued },
  ReferenceMap: { delete: keyed },
  ProgArray: { set: ({ key, program }) => [[key, program]], get: keyed },
  CgroupArray: {
    set: ({ key }) => [
      [key, "/sys/fs/cgroup"],
      [key, "/no/such/folder"],
    ],
  },
  SockMap: {
    set: ({ key }) => [
      [key, { fd: 0 }],
      [key, { fd: -1 }, 1],
    ],
  },
  SockHash: {
    set: ({ key }) => [
      [key, { fd: 0 }],
      [key, { fd: -1 }, 1],
    ],
  },
  HashOfMaps: {
    create: nothing,
    set: ({ key, map }) => [
      [key, map],
      [key, { fd: -1 }],
    ],
    get: keyed,
  },
  EventSource: {
    events: events,
    batches: events,
    consume: ({ signal }) => [[() => {}, { signal }]],
    drain: () => [[() => {}], [() => {}, 1]],
    setPages: () => [[1], [3]],
    open: nothing,
    lengthOf: valued,
    setType: () => [["ringbuf"], ["perf_event_array"], ["no_type" as never]],
    ref: nothing,
    unref: nothing,
  },
  UserRingBuffer: { submit: valued, reserve: () => [[() => {}]] },
  OpenSkeleton: {
    choose: () => [["tp", "tracing"], [{ none: [] }], [{ first: ["no_such_program"] }], [{}]],
    attach: nothing,
    detach: nothing,
    load: nothing,
    destroy: nothing,
  },
};

/** Not for apps: members that are protected, or marked @internal. */
export const INTERNAL: ReadonlySet<string> = new Set([
  "Link.hold",
  "Undo.keep",
  "Program.needFd",
  "Program.info",
  "Program.obstacle",
  "NetworkMethods.ifindex",
  "AttachBase.link",
  "BpfMap.index",
  "BpfMap.needFd",
  "BpfMap.change",
  "BpfMap.info",
  "StructOpsMap.attachAuto",
  "KeyedMap.open",
  "KeyedMap.elements",
  "KeylessMap.elements",
  "ReferenceMap.elements",
  ...["KeyedMap", "IndexedMap", "StackTraceMap", "ReferenceMap", "SockHash", "HashOfMaps", "ArrayOfMaps"].map(
    (name) => `${name}.keyCodec`,
  ),
  ...["KeyedMap", "PerCpuArrayMap", "PerCpuHashMap", "StackTraceMap"].map((name) => `${name}.valueCodec`),
  "EventSource.reading",
  "EventSource.ready",
  "EventSource.endWait",
  "EventSource.take",
  "EventSource.takeMany",
  "EventSource.settle",
  "EventSource.pause",
]);
