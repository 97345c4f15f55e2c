import { parseArgs } from "node:util";
import {
  errnoName,
  eventPrinter,
  kernelFunction,
  main,
  reportLost,
  until,
  wholeNumber,
} from "bpf-app/runtime";
import { kprobe } from "../.output/kprobe.skel.ts";

const USAGE = `Usage: kprobe [--pid PID] [--duration SECONDS] [--json]

Shows which files are removed, and with what result.

  -p, --pid PID            only by this process
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      pid: { type: "string", short: "p" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const end = until(signal, values.duration);

  // `using` detaches and unloads the programs when this function ends, even if it ends with an error.
  using skel = kprobe.open();
  skel.rodata.only_pid = wholeNumber(values.pid, 1) ?? 0;
  skel.load();
  // The kernel's inner functions may change with every version. This one has another name since Linux 7.0.
  const unlink = kernelFunction("do_unlinkat", "filename_unlinkat");
  // The return is attached first, so that no entry is seen without its return.
  skel.progs.leave.attachKprobe(unlink, { retprobe: true });
  skel.progs.enter.attachKprobe(unlink);

  using _ = reportLost(skel.maps.events);
  console.error(`Tracing ${unlink}(); ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: {
      time: ["TIME", -8],
      event: ["EVENT", -5],
      pid: ["PID", 7],
      comm: ["COMM", -16],
      result: ["RESULT", -8],
      filename: ["FILENAME", -8],
    },
  });
  for await (const e of skel.maps.events.events({ signal: end })) {
    print({
      time: new Date().toTimeString().slice(0, 8),
      event: e.left ? "leave" : "enter",
      pid: e.pid,
      comm: e.comm,
      // The kernel returns error codes as negative numbers.
      result: e.left ? (e.result < 0 ? errnoName(e.result) : e.result) : undefined,
      filename: e.left ? undefined : e.filename,
    });
  }
});
