import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { main, tracePipe } from "bpf-app/runtime";
import { minimal } from "../.output/minimal.skel.ts";

const usage = `Usage: minimal [--duration SECONDS]

Writes one byte a second, and shows what the BPF program says to it.

  -d, --duration SECONDS   end after so many seconds
  -h, --help               show this
`;

// main() runs the program, ends it on ^C through `signal`, and turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: { duration: { type: "string", short: "d" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(usage.trimEnd());
  const end = until(values.duration, signal);

  // `using` detaches and unloads the program when this function ends, in whatever way.
  using skel = minimal.open();
  const nowhere = openSync("/dev/null", "w");
  skel.bss.my_pid = process.pid;
  skel.bss.my_fd = nowhere;
  skel.load();
  skel.attach();

  console.log(`Writing one byte a second as PID ${process.pid}; ^C ends it.`);
  const timer = setInterval(() => writeSync(nowhere, "."), 1000);
  end.addEventListener("abort", () => clearInterval(timer));

  // The kernel has one trace pipe, and whoever reads a line takes it away: other programs' lines come by here too.
  for await (const line of tracePipe({ signal: end })) {
    if (line.includes(`BPF triggered from PID ${process.pid}.`)) console.log(line);
  }
});

/** A signal for the end: ^C, or so many seconds from now. */
function until(duration: string | undefined, signal: AbortSignal): AbortSignal {
  if (duration === undefined) return signal;
  const seconds = Number(duration);
  if (!(seconds > 0 && seconds < 2 ** 31 / 1000))
    throw new Error(`--duration takes a number of seconds, not "${duration}"`);
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
}
