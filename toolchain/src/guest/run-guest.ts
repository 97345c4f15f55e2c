import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArchName } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import type { Disk } from "./disk.ts";
import { type Contents, initramfs, TIMEOUT_SECONDS } from "./initramfs.ts";
import { type Splats, splats } from "./kernel-log.ts";
import type { Kernel } from "./kernels.ts";
import { type FindLibrary, librariesIn } from "./libraries.ts";
import { type CellRun, FrameReader } from "./protocol.ts";

/** A program to run in a guest, what to do to it, and what to wait for. Expressions are POSIX extended. */
export interface GuestCell {
  readonly name: string;
  /** The program by its full path in the guest (files of the disk lie in /app) and its arguments. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Shell commands (busybox) run before the program. */
  readonly setup?: string;
  /** Expressions that all must match the program's output before `trigger` runs. */
  readonly ready?: readonly string[];
  /** Shell commands run while the program runs, repeated every second until `until`; $CELL_PID is its pid. */
  readonly trigger?: string;
  /** Expressions that all must match the output. When they do, the program is stopped. */
  readonly until?: readonly string[];
  /** Shell commands run after the program has ended. */
  readonly cleanup?: string;
  /** How the program is ended; `none` if it ends by itself. Default: SIGINT. */
  readonly stop?: "SIGINT" | "SIGTERM" | "none";
  /** How long the program may take from start to end, in seconds of the guest. Default: 60. */
  readonly timeoutSeconds?: number;
}

export interface GuestOptions {
  readonly kernel: Kernel;
  readonly cells: readonly GuestCell[];
  /** A disk that is mounted at /app. */
  readonly disk?: Disk;
  /** Without a disk: the files in /app, by their path below it. They are held in memory. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where dynamic programs have their libraries from. Default: the kernel's own release. */
  readonly libraries?: FindLibrary;
  /** Kills the guest. */
  readonly signal?: AbortSignal;
  /** Words that are added to the kernel's command line. */
  readonly cmdline?: string;
  /** The guest's memory in MiB. Default: 1024. */
  readonly memoryMb?: number;
  /**
   * How many milliseconds may pass without a byte from the guest. Default: a minute more than the slowest cell may
   * take.
   */
  readonly silenceMs?: number;
}

export interface GuestRun {
  readonly cells: readonly CellRun[];
  /** Whether the guest ran to its end. If not, it died, or it was killed because it said nothing any more. */
  readonly finished: boolean;
  /** Milliseconds from start to power-off, by this machine's clock. */
  readonly ms: number;
  /** The guest's first serial port: kernel messages of warning level and above. */
  readonly console: string;
  readonly splats: Splats;
}

/**
 * BPF LSM is off unless asked for; watchdogs would call a slow emulation a lock-up. What x86-64 has besides is about clocks, which
 * a kernel measures against each other when it boots, and gets wrong when the emulation is not given the processor meanwhile:
 * - no_timer_check: an interrupt of the timer that comes late counts as missed, which can end in a panic.
 * - tsc=unstable: the TSC has been measured as 147 MHz instead of 2,593, and a guest's minute was over in four seconds; so
 *   time is read from the HPET. And Linux 7.3 has one CPU, its interrupts off, wait for another to confirm the TSC. If that
 *   one is in stop_machine(), as when the kernel turns from jiffies to a better clock, both wait for ever: the CPU that
 *   waits is the one that counts jiffies, so its time limit never comes.
 */
const CMDLINE = [
  "loglevel=5 log_buf_len=4M panic=-1 lsm=lockdown,yama,bpf mitigations=off",
  "nowatchdog rcupdate.rcu_cpu_stall_suppress=1",
].join(" ");

/**
 * All of a guest's CPUs in one thread. With one for each, QEMU before 8.1 can keep the translation of an instruction that
 * another CPU has just replaced: a kernel that patches its code (static keys, ftrace) then dies of "Oops: int3" now and then,
 * on a busy machine and while it boots. Two guests at a time are no slower for it on two cores.
 */
const ACCELERATOR = "tcg,thread=single";

/** A machine that QEMU emulates. */
interface Machine {
  readonly qemu: string;
  readonly board: readonly string[];
  /** The options of its second serial port, which frames come from. */
  readonly frames: readonly string[];
  /** What is added to the kernel's command line. The first serial port is its console. */
  readonly cmdline: string;
}

const MACHINES: Readonly<Record<ArchName, Machine>> = {
  x64: {
    qemu: "qemu-system-x86_64",
    board: ["-cpu", "max"],
    frames: ["-serial", "stdio"],
    cmdline: "console=ttyS0 no_timer_check tsc=unstable",
  },
  arm64: {
    qemu: "qemu-system-aarch64",
    // Signing pointers as real processors do takes most of the time of an emulated one.
    board: ["-machine", "virt,gic-version=3", "-cpu", "max,pauth-impdef=on"],
    // The board itself has one port only.
    frames: ["-chardev", "stdio,id=frames", "-device", "pci-serial,chardev=frames"],
    cmdline: "console=ttyAMA0",
  },
};

/**
 * Boots a kernel under software emulation, runs the cells one after the other and powers off.
 * @throws Failure program-missing, library-missing
 */
export async function runGuest(options: GuestOptions): Promise<GuestRun> {
  const scratch = await mkdtemp(join(tmpdir(), "bpf-app-guest-"));
  try {
    await writeFile(join(scratch, "initrd"), await initramfs(contentsOf(options)));
    return await boot(options, scratch);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function contentsOf({ kernel, disk, files, cells, libraries }: GuestOptions): Contents {
  const own = kernel.libraries === undefined ? () => undefined : librariesIn(kernel.libraries);
  return {
    kernel,
    cells,
    ...(disk ? { onDisk: disk.files } : {}),
    ...(files ? { files } : {}),
    libraries: libraries ?? own,
    linkage: libraries ? "dynamic" : "static",
  };
}

async function boot(options: GuestOptions, scratch: string): Promise<GuestRun> {
  const { cells, signal } = options;
  const consoleFile = join(scratch, "console");
  const slowest = Math.max(0, ...cells.map((cell) => cell.timeoutSeconds ?? TIMEOUT_SECONDS));
  const silenceMs = options.silenceMs ?? (slowest + 60) * 1000;
  const reader = new FrameReader();
  const begun = performance.now();
  const { qemu: program } = MACHINES[options.kernel.arch.node];
  const qemu = spawn(program, qemuArguments(options, scratch), { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  const timer = setTimeout(() => qemu.kill("SIGKILL"), silenceMs);
  qemu.stdout.on("data", (chunk) => {
    timer.refresh();
    reader.push(chunk);
  });
  qemu.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const killed = () => qemu.kill("SIGKILL");
  process.once("exit", killed);
  signal?.addEventListener("abort", killed);
  const failure = await new Promise<Error | undefined>((done) => {
    qemu.once("error", done);
    qemu.once("close", () => done(undefined));
  });
  clearTimeout(timer);
  process.off("exit", killed);
  signal?.removeEventListener("abort", killed);
  signal?.throwIfAborted();
  const text = await readFile(consoleFile, "utf8").catch(() => "");
  if (failure)
    throw new Failure("command", { kind: "program-missing", program, install: installOfProgram(program) });
  const lost = reader.lost();
  return {
    cells: lost ? [...reader.cells, lost] : reader.cells,
    finished: reader.finished,
    ms: performance.now() - begun,
    console: text + complaint,
    splats: splats(text),
  };
}

function qemuArguments({ kernel, disk, cmdline, memoryMb }: GuestOptions, scratch: string): string[] {
  const { board, frames, cmdline: own } = MACHINES[kernel.arch.node];
  return [
    ...board,
    ...["-accel", ACCELERATOR, "-smp", "2", "-m", String(memoryMb ?? 1024)],
    ...["-nodefaults", "-display", "none", "-no-reboot"],
    ...["-kernel", kernel.vmlinuz, "-initrd", join(scratch, "initrd")],
    ...["-append", `${own} ${CMDLINE} ${cmdline ?? ""}`],
    ...["-serial", `file:${join(scratch, "console")}`, ...frames],
    ...(disk
      ? [
          ...["-drive", `file=${disk.image},if=none,id=app,format=raw,readonly=on`],
          ...["-device", "nvme,drive=app,serial=app"],
        ]
      : []),
  ];
}
