import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError } from "bpf-app/runtime";
import { execve } from "../.output/execve.skel.ts";

const usage = `Usage: execve [--message TEXT] [--duration SECONDS] [--json]

Shows a line for every execve() system call: who makes it, and who is the parent.

  -m, --message TEXT       what the kernel side puts into each event, up to 31 bytes
  -d, --duration SECONDS   end after so many seconds
      --json               lines of JSON, as in a pipe
  -h, --help               show this
`;

// main() runs the program, ends it on ^C through `signal`, and turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      message: { type: "string", short: "m", default: "Hello, World!" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(usage.trimEnd());
  if (Buffer.byteLength(values.message) > 31) throw usageError("a message has up to 31 bytes");
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, in whatever way.
  using skel = execve.open();
  skel.load();
  skel.maps.initial_event.set(0, { pid: 0, ppid: 0, comm: "", message: values.message });
  // The rings have to be there before the first event: what the kernel side sends earlier goes nowhere.
  skel.maps.events.open();
  skel.attach();

  using _ = reportLost(skel.maps.events);
  console.error("Tracing execve(); ^C ends it.");
  const print = eventPrinter({
    json: values.json,
    columns: {
      pid: ["PID", 7],
      ppid: ["PPID", 7],
      comm: ["COMM", -16],
      message: ["MESSAGE", -31],
    },
  });
  // The callback is handed each event where it lies, without a copy; fields are read when they are asked for.
  await skel.maps.events.consume(({ pid, ppid, comm, message }) => print({ pid, ppid, comm, message }), {
    signal: end,
  });
});
