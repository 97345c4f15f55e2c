import { constants } from "node:os";
import { type Advice, advise, type Failed } from "./advice.ts";
import { type Rejection, readRejection } from "./verifier.ts";

/**
 * Something that libbpf or the kernel refused. The message says what, why and what to do next, so that an error
 * nobody catches reads well.
 */
export class BpfError extends Error implements Advice {
  /** As Node's: `EPERM`. `ERR_BPF_…` where no system call failed. */
  readonly code: string;
  /** As Node's, negative; 0 where no system call failed. */
  readonly errno: number;
  /** libbpf's function. */
  readonly call: string;
  readonly what: string;
  readonly why: string | undefined;
  readonly next: string | undefined;
  /** What libbpf said about it. */
  readonly log: string;

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
    // The fields are in the message already; a printed error shows each thing once.
    for (const field of ["what", "why", "next", "log"])
      Object.defineProperty(this, field, { enumerable: false });
  }
}

/** The kernel's verifier did not accept a program. */
export class VerifierError extends BpfError implements Rejection {
  readonly program: string;
  /** The verifier's log, whole. */
  readonly verifierLog: string;
  readonly reason: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly frame: string | undefined;

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

/** The call came at the wrong time, for example a write to `rodata` after load. */
export class StateError extends BpfError {
  constructor(call: string, what: string, next?: string) {
    super({ call, errno: 0, code: "ERR_BPF_STATE", log: "", subject: "", words: { what, next } });
  }
}

export type PinKind = "map" | "program" | "link";

/** What is pinned under the path is not what was asked for. */
export class PinError extends BpfError {
  readonly path: string;
  /** What is pinned there; undefined if it is nothing that can be opened by its path. */
  readonly kind: PinKind | undefined;

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
// The kernel's own, and libbpf's; Node knows neither.
NAMES.set(524, "ENOTSUPP");
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

/** `EPERM` for -1. */
export function errnoName(errno: number): string {
  return NAMES.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}

/**
 * The error for a call that returned `errno` (negative).
 *
 * @param subject the program, map or path concerned
 */
export function failure(call: string, errno: number, subject: string, log = ""): BpfError {
  const failed: Failed = { call, errno, code: errnoName(errno), subject, log };
  const rejection = call === "bpf_object__load" ? readRejection(log) : undefined;
  return rejection ? new VerifierError(failed, rejection) : new BpfError(failed);
}
