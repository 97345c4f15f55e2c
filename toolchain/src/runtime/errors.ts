import { constants } from "node:os";
import { type Advice, advise, type Failed } from "./advice.ts";
import { ENOTSUPP } from "./errno.ts";
import { type Rejection, readRejection } from "./verifier.ts";

/**
 * Something that libbpf or the kernel refused. Its message is made of `what`, `why` and `next`, so that an error which
 * nobody catches reads well. {@link StateError} and {@link VerifierError} are BpfErrors too.
 */
export class BpfError extends Error implements Advice {
  /** The system's error by its name, as Node's errors have it: `EPERM`. `ERR_BPF_…` where no system call failed. */
  readonly code: string;
  /** The system's error as a negative number, as Node's errors have it; 0 where no system call failed. */
  readonly errno: number;
  /** The function that failed: mostly one of libbpf's, such as `bpf_object__load`. */
  readonly call: string;
  /** What failed: the call, what it was about, and the code. */
  readonly what: string;
  /** Why it failed; undefined where the cause is not known. */
  readonly why: string | undefined;
  /** What to do next; undefined where there is nothing better to say than the cause. */
  readonly next: string | undefined;
  /** What libbpf logged during the call: lines, or an empty string. */
  readonly log: string;

  /** @internal */
  constructor(failed: Failed) {
    const { what, why, next } = advise(failed);
    super([what, why, next].filter(Boolean).join("\n  "));
    this.name = new.target.name;
    this.code = failed.code;
    this.errno = failed.errno;
    this.call = failed.call;
    this.what = what;
    this.why = why;
    this.next = next;
    this.log = failed.log;
    // These fields are in the message already, and a printed error shows each thing once.
    for (const field of ["what", "why", "next", "log"])
      Object.defineProperty(this, field, { enumerable: false });
  }
}

/** The kernel's verifier did not accept a program. `load()` throws it. */
export class VerifierError extends BpfError implements Rejection {
  /** The program's name in the object. */
  readonly program: string;
  /** The verifier's whole log of this program. */
  readonly verifierLog: string;
  /** The verifier's own words. Since Linux 7.3 they hold a reason and a suggestion, on lines of their own. */
  readonly reason: string;
  /** The source file as the compiler knew it: `src/NAME.bpf.c`; undefined where the log names none, as before Linux 6.8. */
  readonly file: string | undefined;
  /** The line in that file, counted from 1; undefined where the log names none. */
  readonly line: number | undefined;
  /** That line with up to two lines on either side of it, numbered; undefined where the log names no source. */
  readonly frame: string | undefined;

  /** @internal */
  constructor(failed: Failed, rejection: Rejection) {
    const reason = [rejection.reason, rejection.frame].filter(Boolean).join("\n\n");
    super({ ...failed, subject: rejection.program, rejection: reason });
    this.program = rejection.program;
    this.verifierLog = rejection.verifierLog;
    this.reason = rejection.reason;
    this.file = rejection.file;
    this.line = rejection.line;
    this.frame = rejection.frame;
    for (const field of ["verifierLog", "frame"]) Object.defineProperty(this, field, { enumerable: false });
  }
}

/**
 * A call came at the wrong time, such as a write to `rodata` after `load()`, or any call after `destroy()`. Its `code` is
 * `ERR_BPF_STATE` and its `errno` 0.
 */
export class StateError extends BpfError {
  /** @internal */
  constructor(call: string, what: string, next?: string) {
    super({ call, errno: 0, code: "ERR_BPF_STATE", log: "", subject: "", words: { what, next } });
  }
}

/** What a file in the BPF file system can stand for. */
export type PinKind = "map" | "program" | "link";

/** What is pinned under the path is not what was asked for. */
export class PinError extends BpfError {
  /** The path that was given. */
  readonly path: string;
  /** What is pinned there; undefined if it is nothing that can be opened by its path. */
  readonly kind: PinKind | undefined;

  /** @internal */
  constructor(call: string, path: string, wanted: PinKind, kind: PinKind | undefined) {
    const what = `${path} is ${kind ? `a pinned ${kind}` : "something else"}, not a pinned ${wanted}`;
    super({
      call,
      errno: 0,
      code: "ERR_BPF_PIN",
      log: "",
      subject: path,
      words: { what, next: NEXT[kind ?? "other"] },
    });
    this.path = path;
    this.kind = kind;
  }
}

const NEXT: Readonly<Record<PinKind | "other", string>> = {
  map: "Open a map with openPinned().",
  link: "Open a link with Link.openPinned().",
  program: "`bpftool prog show pinned PATH` tells what it is. A link that runs it may be pinned elsewhere.",
  other: "See what lies there with `bpftool map`, `bpftool prog` or `bpftool link show pinned PATH`.",
};

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// Node knows neither the kernel's own error nor libbpf's, which src/libbpf_errno.c counts from 4000 on.
NAMES.set(-ENOTSUPP, "ENOTSUPP");
for (const [index, name] of [
  "LIBELF",
  "FORMAT",
  "KVERSION",
  "ENDIAN",
  "INTERNAL",
  "RELOC",
  "LOAD",
  "VERIFY",
  "PROG2BIG",
  "KVER",
  "PROGTYPE",
  "WRNGPID",
  "INVSEQ",
  "NLPARSE",
].entries()) {
  NAMES.set(4000 + index, `LIBBPF_ERRNO__${name}`);
}

/**
 * Names an error of the system, of the kernel or of libbpf.
 *
 * @param errno - the error's number, negative or positive
 * @returns `EPERM` for -1 and for 1; `errno 9999` for a number that has no name
 */
export function errnoName(errno: number): string {
  return NAMES.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}

/**
 * Makes the error for a call that returned `errno`, which is negative.
 *
 * @param subject - the program, map or path that the call was about
 * @param log - what libbpf logged during the call
 */
export function failure(call: string, errno: number, subject: string, log = ""): BpfError {
  const failed: Failed = { call, errno, code: errnoName(errno), subject, log };
  const rejection = call === "bpf_object__load" ? readRejection(log) : undefined;
  return rejection ? new VerifierError(failed, rejection) : new BpfError(failed);
}
