import { openSync, statSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { main, tracePipe, until } from "bpf-app/runtime";
import { minimal_ns } from "../.output/minimal_ns.skel.ts";

const USAGE = `Usage: minimal_ns [--duration SECONDS]

Writes one byte a second, and shows the line that the BPF program prints for it. It also works in a PID namespace.

  -d, --duration SECONDS   end after this many seconds
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: { duration: { type: "string", short: "d" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, even if it ends with an error.
  using skel = minimal_ns.open();
  const nowhere = openSync("/dev/null", "w");
  // Both numbers have 64 bits, so they are read as bigints.
  const namespace = statSync("/proc/self/ns/pid", { bigint: true });
  skel.bss.my_pid = process.pid;
  skel.bss.my_fd = nowhere;
  skel.bss.ns_dev = namespace.dev;
  skel.bss.ns_ino = namespace.ino;
  skel.load();
  skel.attach();

  console.error(`Writing one byte a second as PID ${process.pid} of namespace ${namespace.ino}; ^C ends it.`);
  const write = () => writeSync(nowhere, ".");
  write();
  using _ = setInterval(write, 1000);

  // The kernel has only one trace pipe, so lines of other programs arrive here as well. A line that was read is gone.
  for await (const line of tracePipe({ signal: end })) {
    if (line.includes(`BPF triggered from PID ${process.pid}, `)) console.log(line);
  }
});
