import { inspect } from "node:util";
import { ATTACH_TYPES, type AttachType } from "../facts/attach-types.ts";
import { typeNumber } from "../facts/number.ts";
import { PROG_TYPES, type ProgType } from "../facts/prog-types.ts";
import { AttachMethods } from "./attach.ts";
import { failure, StateError } from "./errors.ts";
import { summary } from "./inspect.ts";
import { Link } from "./link.ts";
import type { ProgInfo } from "./native.ts";
import { callLibbpf, type Session } from "./session.ts";
import { onEveryCpu, tracepointOf } from "./syscall-entry.ts";

export interface TestRunOptions {
  /** Given to the program as its packet. */
  readonly dataIn?: Uint8Array;
  /** Room for the packet afterwards, in bytes; as long as `dataIn` and 256 more if not given, 0 for none. */
  readonly dataOutSize?: number;
  /** Given to the program as its context, laid out as the kernel's struct. */
  readonly ctxIn?: Uint8Array;
  readonly repeat?: number;
  readonly cpu?: number;
  readonly flags?: number;
}

export interface TestRunResult {
  readonly retval: number;
  /** Nanoseconds for one run, on average. */
  readonly duration: number;
  readonly dataOut: Uint8Array;
  readonly ctxOut: Uint8Array;
}

/** A program of the skeleton (`struct bpf_program`). */
export class Program extends AttachMethods {
  readonly section: string;

  constructor(session: Session, name: string, index: number, section: string) {
    super(session, name, index);
    this.section = section;
  }

  [inspect.custom](): object {
    return summary<Program>(this, "name", "section");
  }

  protected override get info(): ProgInfo {
    const info = this.session.native.progInfo(this.session.object, this.index);
    if (typeof info === "number") throw failure("bpf_object__find_program_by_name", info, this.name);
    return info;
  }

  /** -1 before load, and if it was not to be loaded. */
  override get fd(): number {
    return Math.max(-1, this.info.fd);
  }

  protected override needFd(call: string): number {
    const { fd } = this;
    if (fd >= 0) return fd;
    throw new StateError(
      call,
      `program ${this.name} is not loaded`,
      "Call load() first, and leave the program's autoload on.",
    );
  }

  /** `enum bpf_prog_type`. */
  get type(): number {
    return this.info.type;
  }

  /** Of the program as libbpf prepared it. */
  get instructions(): number {
    return this.info.instructions;
  }

  get autoload(): boolean {
    return this.info.autoload;
  }

  get autoattach(): boolean {
    return this.info.autoattach;
  }

  /** Before load: whether `load()` loads it. */
  setAutoload(autoload: boolean): void {
    this.#set("bpf_program__set_autoload", "autoload", autoload);
  }

  /** Whether the skeleton's `attach()` attaches it. */
  setAutoAttach(autoattach: boolean): void {
    this.#set("bpf_program__set_autoattach", "autoattach", autoattach);
  }

  /** Before load: the kernel's log of this program, 0 to 7; at 1 and above `onLog` receives it on success too. */
  setLogLevel(level: number): void {
    this.#set("bpf_program__set_log_level", "logLevel", level);
  }

  /** Before load: BPF_F_… such as BPF_F_SLEEPABLE. */
  setFlags(flags: number): void {
    this.#set("bpf_program__set_flags", "flags", flags);
  }

  /** Before load: `enum bpf_prog_type`, its name (`"sched_cls"`) or number. */
  setType(type: ProgType | number): void {
    this.#set("bpf_program__set_type", "type", typeNumber(PROG_TYPES, type, "program"));
  }

  /** Before load: `enum bpf_attach_type`, its name (`"tcx_ingress"`) or number. */
  setExpectedAttachType(type: AttachType | number): void {
    const number = typeNumber(ATTACH_TYPES, type, "attach");
    this.#set("bpf_program__set_expected_attach_type", "expectedAttachType", number);
  }

  /** Before load: the network device it is offloaded to. */
  setIfindex(ifindex: number): void {
    this.#set("bpf_program__set_ifindex", "ifindex", ifindex);
  }

  /** Before load: the function that fentry, fexit, LSM or freplace attaches to; `program` is one to trace or replace. */
  setAttachTarget(name: string, program?: { readonly fd: number }): void {
    callLibbpf(this.session, "bpf_program__set_attach_target", this.name, () =>
      this.session.native.progSetAttachTarget(this.session.object, this.index, program?.fd ?? 0, name),
    );
  }

  /** Attaches by the SEC() string. The link is also destroyed with the skeleton. */
  attach(): Link {
    const link = callLibbpf(this.session, "bpf_program__attach", this.name, () =>
      this.session.native.attach(this.session.object, this.index),
    );
    return onEveryCpu(this.session, new Link(this.session, link, this.name), tracepointOf(this.section));
  }

  pin(path: string): void {
    callLibbpf(this.session, "bpf_program__pin", this.name, () =>
      this.session.native.progPin(this.session.object, this.index, path, false),
    );
  }

  unpin(path: string): void {
    callLibbpf(this.session, "bpf_program__unpin", this.name, () =>
      this.session.native.progPin(this.session.object, this.index, path, true),
    );
  }

  /** Runs it once, or `repeat` times, on made-up input: how syscall programs are called and others are tested. */
  testRun(options: TestRunOptions = {}): TestRunResult {
    const { dataIn, ctxIn, repeat = 0, cpu = 0, flags = 0 } = options;
    const fd = this.needFd("bpf_prog_test_run_opts");
    const dataOut = new Uint8Array(options.dataOutSize ?? (dataIn ? dataIn.length + 256 : 0));
    // A syscall program writes to the context it is given; the kernel has no other output for it.
    const ctx = ctxIn?.slice();
    const ctxOut = ctx && this.type !== PROG_TYPES.syscall ? new Uint8Array(ctx.length) : undefined;
    const args = { dataIn, dataOut, ctxIn: ctx, ctxOut, repeat, cpu, flags };
    const result = callLibbpf(this.session, "bpf_prog_test_run_opts", this.name, () =>
      this.session.native.testRun(fd, args),
    );
    if (typeof result === "number") throw failure("bpf_prog_test_run_opts", result, this.name);
    return {
      // Programs return an int, and the kernel passes it on as unsigned.
      retval: result.retval | 0,
      duration: result.duration,
      dataOut: dataOut.subarray(0, result.dataSize),
      ctxOut: ctxOut?.subarray(0, result.ctxSize) ?? ctx ?? new Uint8Array(),
    };
  }

  #set(call: string, what: string, value: unknown): void {
    callLibbpf(this.session, call, this.name, () =>
      this.session.native.progSet(this.session.object, this.index, what, value),
    );
  }
}
