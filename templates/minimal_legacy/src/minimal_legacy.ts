import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { main, tracePipe, until } from "bpf-app/runtime";
import { minimal_legacy } from "../.output/minimal_legacy.skel.ts";

const usage = `Usage: minimal_legacy [--duration SECONDS]

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
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, in whatever way.
  using skel = minimal_legacy.open();
  const nowhere = openSync("/dev/null", "w");
  skel.load();
  // The map exists from load on, and the program is not yet attached: nothing can come by before this is set.
  skel.maps.targets.set(0, { pid: process.pid, fd: nowhere });
  skel.attach();

  console.error(`Writing one byte a second as PID ${process.pid}; ^C ends it.`);
  using _ = setInterval(() => writeSync(nowhere, "."), 1000);

  // The kernel has one trace pipe, and whoever reads a line takes it away: other programs' lines come by here too.
  for await (const line of tracePipe({ signal: end })) {
    if (line.includes(`BPF triggered from PID ${process.pid}.`)) console.log(line);
  }
});
