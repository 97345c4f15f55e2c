import { inspect } from "node:util";
import { failure } from "./errors.ts";
import { summary } from "./inspect.ts";
import { anyNative, type LinkHandle, type Native } from "./native.ts";
import { checkPin } from "./pinned.ts";
import { callLibbpf, Session } from "./session.ts";
import type { Codec } from "./spec.ts";
import { Stream } from "./stream.ts";

/** What can be undone: a program attached to something. Disposing of it detaches. */
export interface Attachment extends Disposable {
  destroy(): void;
}

/** A program of some skeleton, as far as a link needs to know it. */
interface LoadedProgram {
  readonly session: Session;
  readonly index: number;
}

/** A program attached somewhere (`struct bpf_link`). It lives until `destroy`, at the latest that of its skeleton. */
export class Link implements Attachment {
  readonly #session: Session | undefined;
  readonly #native: Native;
  readonly #handle: LinkHandle;
  readonly name: string;
  #alive = true;
  #held: Undo | undefined;

  constructor(owner: Session | Native, handle: LinkHandle, name: string) {
    this.#session = owner instanceof Session ? owner : undefined;
    this.#native = owner instanceof Session ? owner.native : owner;
    this.#handle = handle;
    this.name = name;
    this.#session?.links.add(this);
  }

  /**
   * A link that was pinned to the BPF file system.
   *
   * @throws PinError if something else is pinned there
   * @throws BpfError
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

  /** -1 once destroyed, or where libbpf attached without a file descriptor. */
  get fd(): number {
    return this.#alive ? Math.max(-1, this.#native.linkFd(this.#handle)) : -1;
  }

  /** @internal Undone when the link is destroyed; left alone when the program is left attached. */
  hold(held: Undo): void {
    this.#held = held;
  }

  /** Detaches the program and frees the link. A pinned link stays attached. */
  destroy(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#held?.destroy();
    this.#session?.links.delete(this);
    this.#native.linkDestroy(this.#handle);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  [inspect.custom](): object {
    return summary<Link>(this, "name", "fd");
  }

  /** Detaches at once, also where the link is pinned or held elsewhere (Linux 5.9). */
  detach(): void {
    this.#call("bpf_link__detach", () => this.#native.linkDetach(this.#handle));
  }

  /** Keeps the program attached beyond this process, under a path of the BPF file system. */
  pin(path: string): void {
    this.#call("bpf_link__pin", () => this.#native.linkPin(this.#handle, path));
  }

  unpin(): void {
    this.#call("bpf_link__unpin", () => this.#native.linkUnpin(this.#handle));
  }

  /** `destroy` will leave the program attached. */
  disconnect(): void {
    if (!this.#alive) return;
    this.#native.linkDisconnect(this.#handle);
    this.#held?.keep();
    this.#held = undefined;
  }

  /** Puts another program of the same type in its place, missing no event. */
  update(program: LoadedProgram): void {
    this.#call("bpf_link__update_program", () =>
      this.#native.linkUpdate(this.#handle, program.session.object, program.index),
    );
  }

  /**
   * Runs an iterator program and yields what it writes with bpf_seq_write: one value for each `codec.size` bytes.
   * Without a codec, chunks of bytes.
   */
  read<T>(codec: Codec<T, never>): Stream<T>;
  read(): Stream<Uint8Array>;
  read<T>(codec?: Codec<T, never>): Stream<T> | Stream<Uint8Array> {
    const fd = this.#call("bpf_iter_create", () => this.#native.iterCreate(this.#handle));
    const source = { fd, native: this.#native, cleanup: this.#session?.cleanup };
    return codec ? Stream.of(source, codec) : Stream.bytes(source);
  }

  /** What an iterator program writes with BPF_SEQ_PRINTF, by lines. */
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
    if (!this.#alive) throw failure(call, -9, this.name);
    if (this.#session) return callLibbpf(this.#session, call, this.name, body) as number;
    const result = body();
    if (result < 0) throw failure(call, result, this.name);
    return result;
  }
}

/** An attachment that is no link: it is undone by the function given, once. */
export class Undo implements Attachment {
  readonly #session: Session;
  readonly #once = () => this.destroy();
  #undo: (() => void) | undefined;

  constructor(session: Session, undo: () => void) {
    this.#session = session;
    this.#undo = undo;
    session.cleanup.add(this.#once);
  }

  destroy(): void {
    const undo = this.#undo;
    this.keep();
    undo?.();
  }

  /** @internal It will not be undone. */
  keep(): void {
    this.#undo = undefined;
    this.#session.cleanup.delete(this.#once);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
