import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, wholeNumber } from "bpf-app/runtime";
import { bootstrap } from "../.output/bootstrap.skel.ts";

const USAGE = `Usage: bootstrap [--min-duration MS] [--pid PID] [--duration SECONDS] [--json]

Shows every process of this machine that runs a program or exits, and how long it lived.

  -m, --min-duration MS    show only exits, and only of processes that lived at least this long (in milliseconds)
  -p, --pid PID            only this process and its children
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      "min-duration": { type: "string", short: "m" },
      pid: { type: "string", short: "p" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const end = until(signal, values.duration);
  const only = wholeNumber(values.pid, 1);

  // `using` detaches and unloads the programs when this function ends, even if it ends with an error.
  using skel = bootstrap.open();
  // Read-only data can be written between open and load. A 64-bit number of C is a bigint in TypeScript.
  skel.rodata.min_duration_ns = BigInt(wholeNumber(values["min-duration"]) ?? 0) * 1_000_000n;
  skel.load();
  skel.attach();

  using _ = reportLost(skel.maps.rb);
  console.error("Tracing processes; ^C ends it.");
  const print = eventPrinter({
    json: values.json,
    columns: {
      time: ["TIME", -8],
      event: ["EVENT", -5],
      comm: ["COMM", -16],
      pid: ["PID", 7],
      ppid: ["PPID", 7],
      exit_code: ["CODE", 5],
      signal: ["SIG", 4],
      duration_ms: ["MS", 10],
      filename: ["FILENAME", -8],
    },
  });
  for await (const e of skel.maps.rb.events({ signal: end })) {
    if (only !== undefined && e.pid !== only && e.ppid !== only) continue;
    print({
      time: new Date().toTimeString().slice(0, 8),
      event: e.exited ? "exit" : "exec",
      comm: e.comm,
      pid: e.pid,
      ppid: e.ppid,
      filename: e.exited ? undefined : e.filename,
      exit_code: e.exited ? (e.exit_code >> 8) & 0xff : undefined,
      signal: e.exited ? e.exit_code & 0x7f : undefined,
      duration_ms: e.duration_ns > 0n ? Number(e.duration_ns / 1000n) / 1000 : undefined,
    });
  }
});
