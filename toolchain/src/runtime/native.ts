import { isSea } from "node:sea";
import { EMBEDDED_ADDON } from "../facts/embedded.ts";
import { loadAddon } from "./addon.ts";
import { StateError } from "./errors.ts";
import { noteCaller } from "./seccomp.ts";

declare const brand: unique symbol;
/** Something that lives in the addon, and is passed back to it as it is. */
type Opaque<Name extends string> = { readonly [brand]: Name };
export type ObjectHandle = Opaque<"object">;
export type LinkHandle = Opaque<"link">;
export type PollHandle = Opaque<"poll">;
export type ElementsHandle = Opaque<"elements">;
export type PerfHandle = Opaque<"perf">;
/** The types of the running kernel and of its modules. */
export type TypesHandle = Opaque<"types">;

/** A negative error of `errno.ts` and the like where something failed. */
type Errno = number;
type Options = Readonly<Record<string, unknown>>;

/** A map as libbpf knows it. Sizes are in bytes. */
export interface MapInfo {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly fd: number;
  /** The size of the initial contents that libbpf holds, in bytes; -1 if it holds none. */
  readonly initialSize: number;
  /** Whether load creates it. */
  readonly autocreate: boolean;
  /** Whether load pins it, or takes what is pinned. */
  readonly pinned: boolean;
}

/** A map as the kernel describes it. */
export interface FoundMap extends Omit<MapInfo, "initialSize" | "autocreate" | "pinned"> {
  readonly error: Errno;
  readonly id: number;
  readonly name: string;
}

/** A program as libbpf knows it. */
export interface ProgInfo {
  readonly fd: number;
  readonly type: number;
  readonly expectedAttachType: number;
  readonly autoload: boolean;
  readonly autoattach: boolean;
  readonly instructions: number;
}

/** How a trial of attaching ended. */
export interface Trial {
  /** The last step that was taken: the error is that of this one. */
  readonly step: "find" | "module" | "load" | "attach";
  /** 0, or a negative error. */
  readonly error: Errno;
  /** The module that what was tried belongs to; empty for the kernel itself. */
  readonly module: string;
  /** What the verifier wrote, where it refused. */
  readonly log: string;
}

/** The ways to attach that give a link. */
export type AttachCall =
  | "attachKprobe"
  | "attachKprobeMulti"
  | "attachKsyscall"
  | "attachUprobe"
  | "attachUprobeMulti"
  | "attachUsdt"
  | "attachTracepoint"
  | "attachRawTracepoint"
  | "attachTrace"
  | "attachLsm"
  | "attachIter"
  | "attachPerfEvent"
  | "attachXdp"
  | "attachNetns"
  | "attachSockmap"
  | "attachFreplace"
  | "attachNetfilter"
  | "attachTcx"
  | "attachNetkit"
  | "attachCgroup";

type Attach = (object: ObjectHandle, prog: number, options: Options) => LinkHandle | Errno;

/**
 * What the addon exports (toolchain/native). None of it throws; failures are negative errnos, and a call on a handle
 * that was closed gives -EBADF.
 */
export interface Native extends Record<AttachCall, Attach> {
  takeLog(): string | undefined;
  setLogLevel(level: number): void;
  pageSize(): number;
  /** Closes a descriptor that the addon has opened: if Node closed it, there would be a warning in a worker. */
  closeFd(fd: number): Errno;
  possibleCpus(): number;

  open(name: string, options: Options): ObjectHandle | Errno;
  load(object: ObjectHandle): Errno;
  destroy(object: ObjectHandle): void;
  attachAuto(object: ObjectHandle, prog: number): LinkHandle | null | Errno;
  attach(object: ObjectHandle, prog: number): LinkHandle | Errno;
  attachStructOps(object: ObjectHandle, map: number, auto: boolean): LinkHandle | null | Errno;
  sectionCopy(object: ObjectHandle, map: number, buffer: ArrayBuffer, into: boolean): Errno;
  mapIndex(object: ObjectHandle, name: string): number;
  mapInfo(object: ObjectHandle, map: number): MapInfo | Errno;
  mapSet(object: ObjectHandle, map: number, what: string, value: unknown): Errno;
  progIndex(object: ObjectHandle, name: string): number;
  progInfo(object: ObjectHandle, prog: number): ProgInfo | Errno;
  progSet(object: ObjectHandle, prog: number, what: string, value: unknown): Errno;
  progSetAttachTarget(object: ObjectHandle, prog: number, fd: number, name: string): Errno;
  progPin(object: ObjectHandle, prog: number, path: string, unpin: boolean): Errno;
  testRun(
    fd: number,
    options: Options,
  ): { retval: number; duration: number; dataSize: number; ctxSize: number } | Errno;
  progStats(fd: number): { runs: bigint; time: bigint; misses: bigint } | Errno;
  enableStats(): number;
  streamRead(fd: number, stream: number, into: Uint8Array): number;
  refersTo(object: ObjectHandle, prefix: string): number;
  progAttach(prog: number, target: number, type: number, flags: number): Errno;
  progDetach(prog: number, target: number, type: number): Errno;
  probe(what: "prog" | "map" | "helper", number: number, progType: number): number;

  typesOpen(): TypesHandle | Errno;
  typesClose(types: TypesHandle): void;
  typesMember(types: TypesHandle, name: string, options: { readonly path: readonly string[] }): number;
  tryTrace(types: TypesHandle, options: Options): Trial;
  tryRawTracepoint(name: string, progType: number, token: string): Trial;
  tryKprobeMulti(options: Options): Trial;
  tryKprobe(options: Options): Errno;
  dropPrivileges(options: { readonly keep: bigint; readonly beforeUser: boolean }): Errno;

  linkDestroy(link: LinkHandle): Errno;
  linkDetach(link: LinkHandle): Errno;
  linkFd(link: LinkHandle): number;
  linkPin(link: LinkHandle, path: string): Errno;
  linkUnpin(link: LinkHandle): Errno;
  linkDisconnect(link: LinkHandle): Errno;
  linkUpdate(link: LinkHandle, object: ObjectHandle, prog: number): Errno;
  linkOpen(path: string): LinkHandle | Errno;
  iterCreate(link: LinkHandle): number;

  allocate(size: number): ArrayBuffer | Errno;
  map(fd: number, offset: number, size: number, writable: boolean): ArrayBuffer | Errno;
  remap(buffer: ArrayBuffer, fd: number, writable: boolean): Errno;
  release(buffer: ArrayBuffer, keep: boolean): Errno;
  arena(object: ObjectHandle, map: number): ArrayBuffer | Errno;
  arenaGlobals(object: ObjectHandle, map: number): ArrayBuffer | Errno;
  address(buffer: ArrayBuffer): bigint;
  detach(buffer: ArrayBuffer): Errno;

  /** The callback gets 0 if it is the clock that has gone off. If it returns true, polling goes on. */
  pollOpen(fd: number, callback: (events: number) => boolean): PollHandle | Errno;
  /** Returns 1 if polling begins with this call, and 0 if it was under way. */
  pollStart(poll: PollHandle): Errno;
  /** Calls back after that time, and until then not for the descriptor, unless polling is started. */
  pollAfter(poll: PollHandle, microseconds: number): Errno;
  pollStop(poll: PollHandle): Errno;
  pollRef(poll: PollHandle, ref: boolean): Errno;
  pollClose(poll: PollHandle): void;

  elementsOpen(fd: number, buffer: ArrayBuffer, valueAt: number, nextAt: number): ElementsHandle;
  elementsClose(map: ElementsHandle): void;
  lookup(map: ElementsHandle, flags: number): Errno;
  lookupAndDelete(map: ElementsHandle, flags: number): Errno;
  update(map: ElementsHandle, flags: number): Errno;
  delete(map: ElementsHandle, flags: number): Errno;
  nextKey(map: ElementsHandle, after: 0 | 1): Errno;
  batch(
    what: "lookup" | "lookupAndDelete" | "update" | "delete",
    fd: number,
    options: Options,
  ): { readonly error: Errno; readonly count: number };
  mapInfoByFd(fd: number): FoundMap;
  objGet(path: string): number;
  mapCreate(
    type: number,
    name: string,
    keySize: number,
    valueSize: number,
    maxEntries: number,
    flags: number,
  ): number;
  objPin(fd: number, path: string): Errno;
  fdById(what: "map" | "prog", id: number): number;

  perfOpen(fd: number, pages: number, samplePeriod: number): PerfHandle | Errno;
  perfFds(perf: PerfHandle): number[] | Errno;
  perfEpollFd(perf: PerfHandle): number;
  perfDestroy(perf: PerfHandle): void;
  perfEventOpen(options: Options): number;

  handoverListen(path: string): number;
  handoverAccept(fd: number): number;
  handoverConnect(path: string): number;
  handoverSend(fd: number, text: string, descriptors: readonly number[], milliseconds: number): Errno;
  /** The result is null if the other side has closed. */
  handoverReceive(
    fd: number,
    milliseconds: number,
  ): { readonly text: string; readonly descriptors: readonly number[] } | null | Errno;
  linkIds(fd: number): { readonly id: number; readonly progId: number } | Errno;
  progId(fd: number): number;
  linkTakeOver(
    link: number,
    progId: number,
    object: ObjectHandle,
    prog: number,
  ): { readonly link: LinkHandle; readonly before: number } | Errno;
  linkPutBack(fd: number, prog: number): Errno;

  tcHookCreate(options: Options): Errno;
  tcHookDestroy(options: Options): Errno;
  tcAttach(options: Options): { handle: number; priority: number; progId: number } | Errno;
  tcDetach(options: Options): Errno;
  xdpSet(ifindex: number, fd: number, flags: number, oldFd: number): Errno;
  ifindex(name: string): number;
  packetSocket(ifindex: number): number;
  socketFilter(socket: number, prog: number): Errno;
}

/** The addon that was loaded first. What does not concern one skeleton, such as probes and the trace pipe, uses it. */
let first: Native | undefined;

/** Loads the addon that holds a skeleton: in development its own, in an executable the one of all skeletons. */
export function loadNative(name: string, url: string): Native {
  const native = loadAddon(isSea() ? EMBEDDED_ADDON : name, url) as Native;
  first ??= native;
  noteCaller(native);
  return native;
}

/**
 * Some addon, whichever was loaded first.
 *
 * @param call - what needs it, for the error
 * @throws {@link StateError} before any skeleton has been opened
 */
export function anyNative(call: string): Native {
  if (first !== undefined) return first;
  throw new StateError(
    call,
    "the native part of the runtime is not loaded yet: it comes with a skeleton",
    "Open a skeleton first.",
  );
}
