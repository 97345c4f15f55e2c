import { inspect } from "node:util";
import { ATTACH_TYPES, type AttachType } from "../facts/attach-types.ts";
import { typeNumber } from "../facts/number.ts";
import { PROG_TYPES, type ProgType } from "../facts/prog-types.ts";
import { parseSection } from "../facts/sections.ts";
import { AttachMethods } from "./attach/methods.ts";
import { onEveryCpu, tracepointOf } from "./attach/syscall-entry.ts";
import type { HasFd } from "./descriptor.ts";
import { failure, StateError } from "./errors.ts";
import { summary } from "./inspect.ts";
import { Link } from "./link.ts";
import type { ProgInfo } from "./native.ts";
import { ProgramOutput } from "./program-output.ts";
import { callAttach, callLibbpf, type Session } from "./session.ts";
import type { ProgramStats } from "./stats.ts";
import { obstacle } from "./trial.ts";

/** The input of a test run (`struct bpf_test_run_opts` of libbpf). */
export interface TestRunOptions {
  /** The packet that the program is given. */
  readonly dataIn?: Uint8Array;
  /** Room for the packet afterwards, in bytes, 0 for none. If not given it is the length of `dataIn` and 256 more. */
  readonly dataOutSize?: number;
  /** The context that the program is given, laid out as the kernel's struct for its type. */
  readonly ctxIn?: Uint8Array;
  /** How often the program runs; once if not given. */
  readonly repeat?: number;
  /** The number of the CPU that it runs on, with BPF_F_TEST_RUN_ON_CPU among the flags. Needs Linux 5.10. */
  readonly cpu?: number;
  /** BPF_F_TEST_… of linux/bpf.h; 0 if not given. */
  readonly flags?: number;
}

/** The output of a test run. */
export interface TestRunResult {
  /** What the program returned. */
  readonly retval: number;
  /** How long one run took on average, in nanoseconds. */
  readonly duration: number;
  /** The packet as it was afterwards. */
  readonly dataOut: Uint8Array;
  /** The context as it was afterwards; empty if none was given. */
  readonly ctxOut: Uint8Array;
}

/** A program of the skeleton (`struct bpf_program`). */
export class Program extends AttachMethods {
  /** The SEC() string: `tp/sched/sched_process_exec`. */
  readonly section: string;
  /** What `setAttachTarget` has set: a function of the kernel, or null for one of another program. */
  #target: string | null | undefined;

  /**
   * What the program prints, by `bpf_app_print` of bpf_app.h or `bpf_stream_printk` of libbpf: lines, as they come. Where
   * the kernel has no streams (before Linux 6.17), or no program of the object prints to one, it is the trace pipe, with
   * what every program on the machine prints by bpf_printk: see {@link ProgramOutput.source}.
   */
  readonly stdout: ProgramOutput;
  /**
   * What the kernel reports of the program, such as a loop that it has ended or a lock that would never have come free,
   * and what the program itself prints to this stream. Before Linux 6.17 it is empty.
   */
  readonly stderr: ProgramOutput;

  /** @internal */
  constructor(session: Session, name: string, index: number, section: string) {
    super(session, name, index);
    this.section = section;
    const program = { session, name, needFd: (call: string) => this.needFd(call) };
    this.stdout = new ProgramOutput(program, 1);
    this.stderr = new ProgramOutput(program, 2);
  }

  /** What `console.log` shows. */
  [inspect.custom](): object {
    return summary<Program>(this, "name", "section");
  }

  /** @internal */
  protected override get info(): ProgInfo {
    const info = this.session.native.progInfo(this.session.object, this.index);
    if (typeof info === "number") throw failure("bpf_object__find_program_by_name", info, this.name);
    return info;
  }

  /** The program's file descriptor; -1 before load, and if the program was not to be loaded. */
  override get fd(): number {
    return Math.max(-1, this.info.fd);
  }

  /** @internal */
  protected override needFd(call: string): number {
    const { fd } = this;
    if (fd >= 0) return fd;
    throw new StateError(
      call,
      `program ${this.name} is not loaded`,
      "Call load() first, and leave the program's autoload on.",
    );
  }

  /** The number of the program's type (`enum bpf_prog_type`). */
  get type(): number {
    return this.info.type;
  }

  /** How many instructions the program has, as far as libbpf has prepared it. */
  get instructions(): number {
    return this.info.instructions;
  }

  /** Whether `load()` loads it. */
  get autoload(): boolean {
    return this.info.autoload;
  }

  /** Whether the skeleton's `attach()` attaches it. */
  get autoattach(): boolean {
    return this.info.autoattach;
  }

  /**
   * Before load, sets whether `load()` loads the program.
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   */
  setAutoload(autoload: boolean): void {
    this.#set("bpf_program__set_autoload", "autoload", autoload);
  }

  /**
   * Sets whether the skeleton's `attach()` attaches the program.
   *
   * @throws {@link StateError} once the skeleton is destroyed
   */
  setAutoAttach(autoattach: boolean): void {
    this.#set("bpf_program__set_autoattach", "autoattach", autoattach);
  }

  /**
   * Before load, sets how much the verifier writes about this program.
   *
   * @param level - 0 to 7, the bits of `log_level` in linux/bpf.h's `union bpf_attr`; from 1 on `onLog` receives the log
   * of a program that was accepted, too
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   */
  setLogLevel(level: number): void {
    this.#set("bpf_program__set_log_level", "logLevel", level);
  }

  /**
   * Before load, sets the flags that the program is loaded with.
   *
   * @param flags - BPF_F_… of linux/bpf.h, such as BPF_F_SLEEPABLE
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   */
  setFlags(flags: number): void {
    this.#set("bpf_program__set_flags", "flags", flags);
  }

  /**
   * Before load, sets the program's type.
   *
   * @param type - of `enum bpf_prog_type`, its name (`"sched_cls"`) or its number
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws `RangeError` if there is no type of that name
   */
  setType(type: ProgType | number): void {
    this.#set("bpf_program__set_type", "type", typeNumber(PROG_TYPES, type, "program"));
  }

  /**
   * Before load, sets the way in which the program will be attached, which the verifier checks it for.
   *
   * @param type - of `enum bpf_attach_type`, its name (`"tcx_ingress"`) or its number
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws `RangeError` if there is no type of that name
   */
  setExpectedAttachType(type: AttachType | number): void {
    const number = typeNumber(ATTACH_TYPES, type, "attach");
    this.#set("bpf_program__set_expected_attach_type", "expectedAttachType", number);
  }

  /**
   * Before load, sets the network device that the program is offloaded to.
   *
   * @param ifindex - the device's index
   *
   * @throws {@link BpfError} after load, with what libbpf refused
   */
  setIfindex(ifindex: number): void {
    this.#set("bpf_program__set_ifindex", "ifindex", ifindex);
  }

  /**
   * Before load, sets what an fentry, fexit, LSM or freplace program will be attached to.
   *
   * @param name - the name of a function or hook
   * @param program - the loaded program that has this function; without it the function is the kernel's
   * @throws {@link BpfError} after load, or if there is no such function
   */
  setAttachTarget(name: string, program?: HasFd): void {
    callLibbpf(this.session, "bpf_program__set_attach_target", this.name, () =>
      this.session.native.progSetAttachTarget(this.session.object, this.index, program?.fd ?? 0, name),
    );
    this.#target = program ? null : name;
  }

  /**
   * Tries what keeps the program from being attached: see `probe.whyNot`.
   *
   * @internal
   */
  obstacle(): string | undefined {
    const [kind = "", ...target] = this.section.split("/");
    if (this.#target === null || parseSection(this.section) === undefined) return undefined;
    return obstacle("choose", [kind, this.#target ?? target.join("/")].filter(Boolean).join("/"));
  }

  /**
   * Attaches the program to what its SEC() string names.
   *
   * @returns the link, which is destroyed with the skeleton at the latest
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attach(): Link {
    const link = callAttach(this.session, "bpf_program__attach", this.name, () =>
      this.session.native.attach(this.session.object, this.index),
    );
    return onEveryCpu(this.session, new Link(this.session, link, this.name), tracepointOf(this.section));
  }

  /**
   * Pins the program to the BPF file system, where it stays loaded beyond this process.
   *
   * @param path - a new path in a BPF file system, such as `/sys/fs/bpf/NAME`
   * @throws {@link BpfError} before load, or with what the kernel refused
   */
  pin(path: string): void {
    callLibbpf(this.session, "bpf_program__pin", this.name, () =>
      this.session.native.progPin(this.session.object, this.index, path, false),
    );
  }

  /**
   * Removes a path under which the program was pinned.
   *
   * @throws {@link BpfError} if there is nothing at that path
   */
  unpin(path: string): void {
    callLibbpf(this.session, "bpf_program__unpin", this.name, () =>
      this.session.native.progPin(this.session.object, this.index, path, true),
    );
  }

  /**
   * Runs the program on made-up input: this is how programs of type syscall are called, and how others are tested. Which
   * types can be run so depends on the kernel.
   *
   * @throws {@link StateError} if the program is not loaded
   * @throws {@link BpfError} with what the kernel refused; its code is `ENOTSUPP` for a type that cannot be run so
   */
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

  /**
   * Reads what the kernel has counted of the program. It counts runs and their time only while statistics are on, see
   * {@link enableStats}.
   *
   * @throws {@link StateError} if the program is not loaded
   * @throws {@link BpfError} with what the kernel refused
   */
  stats(): ProgramStats {
    const call = "bpf_prog_get_info_by_fd";
    const fd = this.needFd(call);
    const stats = this.session.native.progStats(fd);
    if (typeof stats === "number") throw failure(call, stats, this.name);
    return stats;
  }

  #set(call: string, what: string, value: unknown): void {
    callLibbpf(this.session, call, this.name, () =>
      this.session.native.progSet(this.session.object, this.index, what, value),
    );
  }
}
