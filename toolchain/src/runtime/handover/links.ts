import { fstatSync } from "node:fs";
import type { Attached, TcFilter } from "../../facts/handover.ts";
import { Link, type LoadedProgram, Undo } from "../link.ts";
import type { AttachCall, Native } from "../native.ts";
import type { Handover } from "./handover.ts";

/**
 * The ways to attach whose links can get another program (`update_prog` of the kernel's `struct bpf_link_ops`), so that no
 * event is missed and none is seen twice. The links of tracing are not among them.
 */
const EXCHANGEABLE: ReadonlySet<AttachCall> = new Set<AttachCall>([
  "attachXdp",
  "attachTcx",
  "attachNetkit",
  "attachNetns",
  "attachCgroup",
]);

interface Attaching extends LoadedProgram {
  readonly name: string;
}

/** By what a program's attachment is known again in the next run of the app. */
export function keyOf({ session, name }: Attaching, call: string, place: string): string {
  return [session.name, name, call, place].join(" ");
}

/** Where a program is attached: an interface, or the cgroup or namespace whose descriptor it is. */
function placeOf(options: Readonly<Record<string, unknown>>): string {
  const { ifindex, fd } = options;
  if (typeof fd !== "number") return `interface ${ifindex}`;
  const { dev, ino } = fstatSync(fd);
  return `file ${dev}:${ino}`;
}

/** Takes over the link of the run before, if that has attached the same program in the same place. */
export function exchange(
  handover: Handover,
  program: Attaching,
  call: AttachCall,
  options: Readonly<Record<string, unknown>>,
): Link | undefined {
  if (!EXCHANGEABLE.has(call)) return undefined;
  const key = keyOf(program, call, placeOf(options));
  const before = handover.attachedBefore(key);
  if (before?.link === undefined) return undefined;
  const { session } = program;
  const { native, object } = session;
  const taken = native.linkTakeOver(before.link, before.progId, object, program.index);
  // It may be gone, or the process may not open what it has not made: then it is attached as if it were the first.
  if (typeof taken === "number") return undefined;
  const link = new Link(session, taken.link, program.name);
  const { fd } = link;
  handover.tookOver(
    key,
    once(() => native.linkPutBack(fd, taken.before)),
  );
  // When the link is destroyed before this run has become the one that runs, the program of before is put back.
  link.hold(
    new Undo(session, () => {
      handover.giveBack(key);
      native.closeFd(taken.before);
    }),
  );
  tell(handover, native, key, fd);
  return link;
}

/** Tells dev of a link that the next run can take over. */
export function note(
  handover: Handover,
  program: Attaching,
  call: AttachCall,
  options: Readonly<Record<string, unknown>>,
  link: Link,
): void {
  if (!EXCHANGEABLE.has(call)) return;
  tell(handover, program.session.native, keyOf(program, call, placeOf(options)), link.fd);
}

function tell(handover: Handover, native: Native, key: string, fd: number): void {
  const ids = native.linkIds(fd);
  if (typeof ids !== "number") handover.attached({ key, progId: ids.progId, link: ids.id });
}

/** What is attached to the network without a link, under a place by which the next run finds it. */
export class Place {
  readonly #program: Attaching & { readonly fd: number };
  readonly #key: string;
  #before = -1;

  constructor(program: Attaching & { readonly fd: number }, call: string, place: string) {
    this.#program = program;
    this.#key = keyOf(program, call, place);
  }

  /**
   * Takes over what the run before has there.
   *
   * @param put - puts the program in the place of the one whose descriptor it is given; a negative number is an error
   * @param putBack - puts that one back
   * @returns what was taken over; undefined if there is nothing, or it is there no more
   */
  exchange(
    put: (before: number, what: Attached) => number,
    putBack: (before: number, what: Attached) => void,
  ): Attached | undefined {
    const { handover, native } = this.#program.session;
    const what = handover?.attachedBefore(this.#key);
    if (handover === undefined || what === undefined) return undefined;
    const before = native.fdById("prog", what.progId);
    if (before < 0) return undefined;
    if (put(before, what) < 0) {
      native.closeFd(before);
      return undefined;
    }
    this.#before = before;
    handover.tookOver(
      this.#key,
      once(() => putBack(before, what)),
    );
    return what;
  }

  /** Tells dev what is attached, so that the next run can take it over. */
  tell(filter?: TcFilter): void {
    const { session, fd } = this.#program;
    if (session.handover === undefined) return;
    const progId = session.native.progId(fd);
    if (progId > 0)
      session.handover.attached({ key: this.#key, progId, ...(filter === undefined ? {} : { filter }) });
  }

  /** Undoes it: gives it back if it was taken over by a run that fails, and leaves it if the next run has it. */
  undo(detach: () => void): void {
    const { handover, native } = this.#program.session;
    const mine = handover === undefined || !(handover.giveBack(this.#key) || handover.passedOn(this.#key));
    if (this.#before >= 0) native.closeFd(this.#before);
    this.#before = -1;
    if (mine) detach();
  }
}

/** A function that calls another one the first time only. */
function once(call: () => void): () => void {
  let done = false;
  return () => {
    if (!done) call();
    done = true;
  };
}
