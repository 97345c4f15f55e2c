import { parseArgs } from "node:util";
import { main, tracePipe, until } from "bpf-app/runtime";
import { hello } from "../.output/hello.skel.ts";

const USAGE = `Usage: hello [--duration SECONDS]

Shows a line for every program that is executed on this machine.

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
  using skel = hello.open();
  skel.load();
  skel.attach();

  console.error("Say hello by starting programs; ^C ends it.");
  for await (const line of tracePipe({ signal: end })) console.log(line);
});
