import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError } from "bpf-app/runtime";
import { execve } from "../.output/execve.skel.ts";

const USAGE = `Usage: execve [--message TEXT] [--duration SECONDS] [--json]

Shows a line for every execve() system call: who makes it, and who the parent is.

  -m, --message TEXT       the text that the kernel side puts into each event, up to 31 bytes
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      message: { type: "string", short: "m", default: "Hello, World!" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  if (Buffer.byteLength(values.message) > 31) throw usageError("a message has up to 31 bytes");
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, even if it ends with an error.
  using skel = execve.open();
  skel.load();
  skel.maps.initial_event.set(0, { pid: 0, ppid: 0, comm: "", message: values.message });
  // The rings have to be open before the first event, because events that are sent earlier are lost.
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
  // The callback gets each event at its place in memory, without a copy. A field is read only when it is used.
  await skel.maps.events.consume(({ pid, ppid, comm, message }) => print({ pid, ppid, comm, message }), {
    signal: end,
  });
});
