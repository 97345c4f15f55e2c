import { parseArgs } from "node:util";
import { main, tracePipe } from "bpf-app/runtime";
import { hello } from "../.output/hello.skel.ts";

const usage = `Usage: hello [--duration SECONDS]

Shows a line for every program that is executed on this machine.

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
  using skel = hello.open();
  skel.load();
  skel.attach();

  console.log("Say hello by starting programs; ^C ends it.");
  for await (const line of tracePipe({ signal: end })) console.log(line);
});

/** A signal for the end: ^C, or so many seconds from now. */
function until(duration: string | undefined, signal: AbortSignal): AbortSignal {
  if (duration === undefined) return signal;
  const seconds = Number(duration);
  if (!(seconds > 0 && seconds < 2 ** 31 / 1000))
    throw new Error(`--duration takes a number of seconds, not "${duration}"`);
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
}
