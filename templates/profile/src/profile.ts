import { parseArgs } from "node:util";
import { eventPrinter, Ksyms, main, reportLost, until, usageError, wholeNumber } from "bpf-app/runtime";
import { profile } from "../.output/profile.skel.ts";

const USAGE = `Usage: profile [--pid PID] [--frequency HERTZ] [--folded] [--duration SECONDS] [--json]

Samples what runs on every CPU, with the stacks in the kernel and in the program.

  -p, --pid PID            only this process
  -f, --frequency HERTZ    samples per second on each CPU (default: 49)
      --folded             print at the end how often each stack has appeared, for flame graphs
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      pid: { type: "string", short: "p" },
      frequency: { type: "string", short: "f", default: "49" },
      folded: { type: "boolean" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const frequency = wholeNumber(values.frequency, 1) ?? 49;
  if (frequency > 10_000) throw usageError("more than 10000 samples a second would measure the sampling");
  const json = values.json ?? !process.stdout.isTTY;
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, even if it ends with an error.
  using skel = profile.open();
  skel.rodata.only_pid = wholeNumber(values.pid, 1) ?? 0;
  skel.load();
  const ksyms = Ksyms.load();
  // This is a clock that virtual machines have as well. The hardware event "cycles" would be type 0, config 0.
  skel.progs.profile.attachPerfEvent({ frequency });

  using _ = reportLost(skel.maps.samples);
  console.error(`Sampling ${frequency} times a second; ^C ends it.`);
  const columns = { pid: ["PID", 7], tid: ["TID", 7], cpu: ["CPU", 3], comm: ["COMM", -16] } as const;
  const print = values.folded ? undefined : eventPrinter({ json, columns });
  const folded = new Map<string, number>();
  for await (const sample of skel.maps.samples.events({ signal: end })) {
    const { pid, tid, cpu, comm } = sample;
    const kernel = Array.from(sample.kernel_stack.subarray(0, sample.kernel_depth), (at) => ksyms.name(at));
    const user = Array.from(sample.user_stack.subarray(0, sample.user_depth), (at) => `0x${at.toString(16)}`);
    if (print === undefined) {
      const stack = fold(comm, kernel, user);
      folded.set(stack, (folded.get(stack) ?? 0) + 1);
      continue;
    }
    print({ pid, tid, cpu, comm, kernel, user });
    if (!json) console.log(frames("kernel", kernel) + frames("user", user));
  }
  for (const [stack, count] of folded) console.log(`${stack} ${count}`);
});

/**
 * A stack in the format for flame graphs: the outermost function comes first, and offsets in functions are left out.
 */
function fold(comm: string, kernel: readonly string[], user: readonly string[]): string {
  const names = kernel.map((name) => `${name.replace(/\+0x.*/, "")}_[k]`);
  return [comm.replaceAll(/[;\s]/g, "_"), ...user.toReversed(), ...names.toReversed()].join(";");
}

function frames(where: string, names: readonly string[]): string {
  return names.map((name) => `        ${where.padEnd(6)} ${name}\n`).join("");
}
