import { constants } from "node:os";
import { parseArgs } from "node:util";
import { errnoName, eventPrinter, main, reportLost, until, wholeNumber } from "bpf-app/runtime";
import { ksyscall, system_call } from "../.output/ksyscall.skel.ts";

const USAGE = `Usage: ksyscall [--pid PID] [--duration SECONDS] [--json]

Shows who sends signals to whom, by kill() and tgkill().

  -p, --pid PID            only those that this process sends
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

/**
 * The names of signals by their numbers. Of two names for one number, such as SIGABRT and SIGIOT, the first one wins.
 */
const SIGNALS = new Map<number, string>(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

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
  using skel = ksyscall.open();
  skel.rodata.only_pid = wholeNumber(values.pid, 1) ?? 0;
  skel.load();
  skel.attach();

  using _ = reportLost(skel.maps.events);
  console.error("Tracing signals; ^C ends it.");
  const print = eventPrinter({
    json: values.json,
    columns: {
      time: ["TIME", -8],
      pid: ["PID", 7],
      comm: ["COMM", -16],
      call: ["CALL", -6],
      signal: ["SIGNAL", -9],
      target: ["TARGET", 7],
      result: ["RESULT", 7],
    },
  });
  for await (const e of skel.maps.events.events({ signal: end })) {
    print({
      time: new Date().toTimeString().slice(0, 8),
      pid: e.pid,
      comm: e.comm,
      call: e.call === system_call.CALL_KILL ? "kill" : "tgkill",
      // Signal 0 is not a signal. Sending it only asks whether a signal could be sent.
      signal: SIGNALS.get(e.signal) ?? e.signal,
      target: e.target,
      result: e.result < 0 ? errnoName(e.result) : e.result,
    });
  }
});
