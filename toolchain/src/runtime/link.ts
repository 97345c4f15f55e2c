import { inspect } from "node:util";
import { EBADF } from "./errno.ts";
import { failure } from "./errors.ts";
import { summary } from "./inspect.ts";
import { anyNative, type LinkHandle, type Native } from "./native.ts";
import { checkPin } from "./pinned.ts";
import { callLibbpf, Session } from "./session.ts";
import type { Codec } from "./spec.ts";
import { Stream } from "./stream.ts";

/** A program attached to something, which can be undone. Disposing of it does the same as `destroy`. */
export interface Attachment extends Disposable {
  /** Detaches the program. Once is enough; more often does nothing. */
  destroy(): void;
}

/** A program of some skeleton, as far as a link needs to know it: every {@link Program} is one. */
export interface LoadedProgram {
  /** @internal */
  readonly session: Session;
  /** @internal */
  readonly index: number;
}

/** A program attached somewhere (`struct bpf_link`). It lives until it is destroyed, at the latest with its skeleton. */
export class Link implements Attachment {
  readonly #session: Session | undefined;
  readonly #native: Native;
  readonly #handle: LinkHandle;
  /** The name of the program or struct_ops map, or the path of a link that was pinned. */
  readonly name: string;
  #alive = true;
  #held: Undo | undefined;

  /** @internal */
  constructor(owner: Session | Native, handle: LinkHandle, name: string) {
    this.#session = owner instanceof Session ? owner : undefined;
    this.#native = owner instanceof Session ? owner.native : owner;
    this.#handle = handle;
    this.name = name;
    this.#session?.links.add(this);
    this.#session?.handover?.attached();
  }

  /**
   * Opens a link that was pinned to the BPF file system, by this process or another one. Some skeleton has to have been
   * opened before.
   *
   * @param path - where it was pinned, such as `/sys/fs/bpf/NAME`
   * @throws {@link PinError} if something else is pinned there
   * @throws {@link BpfError} if there is no link at that path
   * @throws {@link StateError} before any skeleton has been opened
   */
  static openPinned(path: string): Link {
    const native = anyNative("bpf_link__open");
    const handle = native.linkOpen(path);
    if (typeof handle === "number") throw failure("bpf_link__open", handle, path);
    const link = new Link(native, handle, path);
    try {
      checkPin("bpf_link__open", path, link.fd, "link");
    } catch (error) {
      link.destroy();
      throw error;
    }
    return link;
  }

  /** The link's file descriptor; -1 once it is destroyed, and where libbpf has attached without one. */
  get fd(): number {
    return this.#alive ? Math.max(-1, this.#native.linkFd(this.#handle)) : -1;
  }

  /**
   * Adds something that is undone when the link is destroyed, and left alone when the program is left attached.
   *
   * @internal
   */
  hold(held: Undo): void {
    this.#held = held;
  }

  /** Detaches the program and frees the link. The program of a link that is pinned stays attached. */
  destroy(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#held?.destroy();
    this.#session?.links.delete(this);
    this.#native.linkDestroy(this.#handle);
  }

  /** Does the same as `destroy`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** What `console.log` shows. */
  [inspect.custom](): object {
    return summary<Link>(this, "name", "fd");
  }

  /**
   * Detaches the program at once, also where the link is pinned or held by another process. Needs Linux 5.9.
   *
   * @throws {@link BpfError} if the kernel refuses, or the link is destroyed
   */
  detach(): void {
    this.#call("bpf_link__detach", () => this.#native.linkDetach(this.#handle));
  }

  /**
   * Keeps the program attached beyond this process.
   *
   * @param path - a new path in a BPF file system, such as `/sys/fs/bpf/NAME`
   * @throws {@link BpfError} if the kernel refuses, or the link is destroyed
   */
  pin(path: string): void {
    this.#call("bpf_link__pin", () => this.#native.linkPin(this.#handle, path));
  }

  /**
   * Removes the path under which the link was pinned.
   *
   * @throws {@link BpfError} if it is not pinned, or destroyed
   */
  unpin(): void {
    this.#call("bpf_link__unpin", () => this.#native.linkUnpin(this.#handle));
  }

  /** Lets go of the program: from now on `destroy` frees the link and leaves the program attached. */
  disconnect(): void {
    if (!this.#alive) return;
    this.#native.linkDisconnect(this.#handle);
    this.#held?.keep();
    this.#held = undefined;
  }

  /**
   * Puts another program of the same type in the place of this one. No event is missed.
   *
   * @throws {@link BpfError} if the kernel refuses, or the link is destroyed
   */
  update(program: LoadedProgram): void {
    this.#call("bpf_link__update_program", () =>
      this.#native.linkUpdate(this.#handle, program.session.object, program.index),
    );
  }

  /**
   * Runs an iterator program and yields what it writes with bpf_seq_write.
   *
   * @param codec - the type of what it writes: one value is read of every `codec.size` bytes
   * @throws {@link BpfError} if the link is not an iterator's, or is destroyed
   */
  read<T>(codec: Codec<T, never>): Stream<T>;
  /**
   * Runs an iterator program and yields what it writes as bytes, in chunks as the kernel hands them out.
   *
   * @throws {@link BpfError} if the link is not an iterator's, or is destroyed
   */
  read(): Stream<Uint8Array>;
  read<T>(codec?: Codec<T, never>): Stream<T> | Stream<Uint8Array> {
    const fd = this.#call("bpf_iter_create", () => this.#native.iterCreate(this.#handle));
    const source = { fd, native: this.#native, cleanup: this.#session?.cleanup };
    return codec ? Stream.of(source, codec) : Stream.bytes(source);
  }

  /**
   * Runs an iterator program and yields what it writes with BPF_SEQ_PRINTF, line by line, without the newlines.
   *
   * @throws {@link BpfError} if the link is not an iterator's, or is destroyed
   */
  *lines(): Generator<string, void> {
    let rest = "";
    const decoder = new TextDecoder();
    for (const chunk of this.read()) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  #call(call: string, body: () => number): number {
    if (!this.#alive) throw failure(call, EBADF, this.name);
    if (this.#session) return callLibbpf<number>(this.#session, call, this.name, body);
    const result = body();
    if (result < 0) throw failure(call, result, this.name);
    return result;
  }
}

/** An attachment that is no link. The function given undoes it, once. */
export class Undo implements Attachment {
  readonly #session: Session;
  readonly #once = () => this.destroy();
  #undo: (() => void) | undefined;

  constructor(session: Session, undo: () => void) {
    this.#session = session;
    this.#undo = undo;
    session.cleanup.add(this.#once);
    session.handover?.attached();
  }

  destroy(): void {
    const undo = this.#undo;
    this.keep();
    undo?.();
  }

  /** Leaves it as it is: it will not be undone. */
  keep(): void {
    this.#undo = undefined;
    this.#session.cleanup.delete(this.#once);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
