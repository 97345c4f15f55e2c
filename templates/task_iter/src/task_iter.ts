import { parseArgs } from "node:util";
import { eventPrinter, main, usageError } from "bpf-app/runtime";
import { task_iter, task_row } from "../.output/task_iter.skel.ts";

const USAGE = `Usage: task_iter [--pid PID] [--threads] [--json]

Lists processes as the kernel sees them, and how deep in the kernel they are.

  -p, --pid PID   only this process
  -t, --threads   list threads as well
      --json      print lines of JSON, as in a pipe, with the addresses of the stack in the kernel
  -h, --help      show this help
`;

/** The bits of a state, from include/linux/sched.h. The more specific ones come first. */
const STATES: readonly (readonly [bits: number, name: string])[] = [
  [0x10, "dead"],
  [0x20, "zombie"],
  [0x402, "idle"],
  [0x4, "stopped"],
  [0x8, "traced"],
  [0x2, "blocked"],
  [0x1, "sleeping"],
];

// main() runs this function, and turns an error into a message and an exit code.
await main(() => {
  const { values } = parseArgs({
    options: {
      pid: { type: "string", short: "p", default: "0" },
      threads: { type: "boolean", short: "t", default: false },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  if (!/^\d{1,9}$/.test(values.pid)) throw usageError(`"${values.pid}" is no process id`);

  using skel = task_iter.open();
  skel.rodata.only_pid = Number(values.pid);
  skel.rodata.threads = values.threads;
  skel.load();
  const link = skel.progs.each_task.attachIter();

  const print = eventPrinter({
    json: values.json,
    columns: {
      pid: ["PID", 7],
      tid: ["TID", 7],
      state: ["STATE", -9],
      depth: ["DEPTH", 5],
      comm: ["COMM", -16],
    },
  });
  // Each read of the link goes through all tasks again. `task_row` says how the bytes become values.
  for (const { stack, ...task } of link.read(task_row)) {
    print({
      ...task,
      state: nameOf(task.state),
      stack: Array.from(stack.subarray(0, task.depth), (address) => `0x${address.toString(16)}`),
    });
  }
});

function nameOf(state: number): string {
  if (state === 0) return "running";
  return STATES.find(([bits]) => (state & bits) === bits)?.[1] ?? `0x${state.toString(16)}`;
}
