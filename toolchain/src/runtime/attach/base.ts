import { exchange, note } from "../handover/links.ts";
import { Link } from "../link.ts";
import type { AttachCall, ProgInfo } from "../native.ts";
import { callAttach, type Session } from "../session.ts";

/** What every way to attach a program needs of it. */
export abstract class AttachBase {
  /** @internal */
  readonly session: Session;
  /** The program's name in the object. */
  readonly name: string;
  /** @internal */
  readonly index: number;

  /** @internal */
  constructor(session: Session, name: string, index: number) {
    this.session = session;
    this.name = name;
    this.index = index;
  }

  /** The program's file descriptor; -1 before load, and if the program was not to be loaded. */
  abstract get fd(): number;
  /** @internal */
  protected abstract get info(): ProgInfo;
  /**
   * The descriptor for a call that must have one: -1 in its place would detach what another program has attached.
   *
   * @throws {@link StateError} if the program is not loaded
   * @internal
   */
  protected abstract needFd(call: string): number;

  /**
   * Attaches the program by a call of libbpf that gives a link.
   *
   * @internal
   */
  protected link(call: AttachCall, name: string, options: Record<string, unknown>, target?: string): Link {
    const { native, object, handover } = this.session;
    const before = handover && exchange(handover, this, call, options);
    if (before) return before;
    const subject = target === undefined ? this.name : `${this.name} to ${target}`;
    const handle = callAttach(this.session, name, subject, () => native[call](object, this.index, options));
    const link = new Link(this.session, handle, this.name);
    if (handover) note(handover, this, call, options, link);
    return link;
  }
}
