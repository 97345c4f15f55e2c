// Places that a program's standard output cannot be written to, or not at once.
import { spawn } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The processor time that it took, in seconds. */
  readonly cpu: number;
}

/** Runs a program whose standard output is a full disk. */
export function intoFullDisk(command: readonly string[]): Promise<Ended> {
  return driven("full", command);
}

/** Runs a program in a pipe whose reader takes the first line and ends. */
export function intoHead(command: readonly string[]): Promise<Ended> {
  return driven("head", command);
}

/**
 * Runs a program in a pipe that it shares with another one, which makes it non-blocking while the first one writes. The
 * reader waits for two seconds, when the pipe is full, and then reads slowly, to the end.
 */
export function intoSlowPipe(command: readonly string[]): Promise<Ended> {
  return driven("slow", command);
}

/** Node can make no pipes that are shared in these ways. */
const DRIVER = `
import fcntl, os, resource, subprocess, sys, threading, time
how, command = sys.argv[1], sys.argv[2:]
if how == "full":
    child = subprocess.Popen(command, stdout=os.open("/dev/full", os.O_WRONLY))
else:
    reader, writer = os.pipe()
    child = subprocess.Popen(command, stdout=writer)
    def share():
        while child.poll() is None:
            fcntl.fcntl(writer, fcntl.F_SETFL, fcntl.fcntl(writer, fcntl.F_GETFL) | os.O_NONBLOCK)
            time.sleep(0.01)
        os.close(writer)
    if how == "slow":
        threading.Thread(target=share).start()
        time.sleep(2)
    else:
        os.close(writer)
    out = b""
    while how == "slow" or b"\\n" not in out:
        data = os.read(reader, 1 << 16)
        if not data:
            break
        out += data
        time.sleep(0.002)
    os.close(reader)
    os.write(1, out)
status = child.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(3, b"%d %f" % (status, used.ru_utime + used.ru_stime))
`;

async function driven(how: string, command: readonly string[]): Promise<Ended> {
  const child = spawn("python3", ["-c", DRIVER, how, ...command], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const texts = { 1: "", 2: "", 3: "" };
  for (const fd of [1, 2, 3] as const)
    child.stdio[fd]!.on("data", (data: Buffer) => {
      texts[fd] += data.toString("latin1");
    });
  await new Promise((resolve) => child.once("close", resolve));
  const [status, cpu] = texts[3].split(" ").map(Number);
  return { status: status ?? null, cpu: cpu ?? Number.NaN, stdout: texts[1], stderr: texts[2] };
}
