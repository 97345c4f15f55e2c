import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, wholeNumber } from "bpf-app/runtime";
import { tracecon } from "../.output/tracecon.skel.ts";

const USAGE = `Usage: tracecon [--pid PID] [--duration SECONDS] [--json]

Shows the TCP connections that processes open over IPv4, with the name that they looked up to get the address.

  -p, --pid PID            only this process
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
  using skel = tracecon.open();
  // Read-only data can be written between open and load.
  skel.rodata.only_pid = wholeNumber(values.pid, 1) ?? 0;
  skel.load();
  // The rings have to be open before the first event, because events that are sent earlier are lost.
  skel.maps.events.open();
  skel.attach();

  using _ = reportLost(skel.maps.events);
  console.error("Tracing connections; ^C ends it.");
  const print = eventPrinter({
    json: values.json,
    columns: {
      pid: ["PID", 7],
      comm: ["COMM", -16],
      host: ["HOST", -32],
      address: ["ADDRESS", -15],
      port: ["PORT", 5],
    },
  });
  for await (const e of skel.maps.events.events({ signal: end })) {
    print({
      pid: e.pid,
      comm: e.comm,
      host: e.host === "" ? undefined : e.host,
      address: e.address.join("."),
      port: e.port,
    });
  }
});
