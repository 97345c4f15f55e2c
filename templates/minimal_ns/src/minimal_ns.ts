import { openSync, statSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { main, tracePipe, until } from "bpf-app/runtime";
import { minimal_ns } from "../.output/minimal_ns.skel.ts";

const usage = `Usage: minimal_ns [--duration SECONDS]

Writes one byte a second, and shows what the BPF program says to it, in a PID namespace too.

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
  using skel = minimal_ns.open();
  const nowhere = openSync("/dev/null", "w");
  // Both numbers have 64 bits: `bigint` keeps them whole.
  const namespace = statSync("/proc/self/ns/pid", { bigint: true });
  skel.bss.my_pid = process.pid;
  skel.bss.my_fd = nowhere;
  skel.bss.ns_dev = namespace.dev;
  skel.bss.ns_ino = namespace.ino;
  skel.load();
  skel.attach();

  console.error(`Writing one byte a second as PID ${process.pid} of namespace ${namespace.ino}; ^C ends it.`);
  using _ = setInterval(() => writeSync(nowhere, "."), 1000);

  // The kernel has one trace pipe, and whoever reads a line takes it away: other programs' lines come by here too.
  for await (const line of tracePipe({ signal: end })) {
    if (line.includes(`BPF triggered from PID ${process.pid}, `)) console.log(line);
  }
});
