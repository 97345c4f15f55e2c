import { getPriority, setPriority } from "node:os";
import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError, wholeNumber } from "bpf-app/runtime";
import { uprobe } from "../.output/uprobe.skel.ts";

const USAGE = `Usage: uprobe [--pid PID] [--duration SECONDS] [--json]
       uprobe --function NAME [--binary FILE] [--pid PID] [--duration SECONDS] [--json]

Shows the calls of a function, and what it returns. Without --function it shows the calls of getpriority by any process,
and those of setpriority by this process, which makes such calls once a second.

  -f, --function NAME      the function, which is shown with its first three arguments
  -b, --binary FILE        the program or library that has the function (default: libc.so.6)
  -p, --pid PID            only calls by this process
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      function: { type: "string", short: "f" },
      binary: { type: "string", short: "b", default: "libc.so.6" },
      pid: { type: "string", short: "p" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  if (values.function === "" || values.binary === "") throw usageError("a name is empty");
  const end = until(signal, values.duration);
  const only = wholeNumber(values.pid, 1);

  // `using` detaches and unloads the programs when this function ends, even if it ends with an error.
  using skel = uprobe.open();
  skel.load();
  if (values.function === undefined) {
    // This attaches the programs whose section names a function.
    skel.attach();
    attachByHand("libc.so.6", "setpriority", process.pid);
  } else {
    attachByHand(values.binary, values.function, only);
  }

  /** Attaches the other two programs. With `pid` the kernel leaves other processes out, which costs them nothing. */
  function attachByHand(binary: string, name: string, pid: number | undefined): void {
    const target = { binary, function: name, ...(pid !== undefined && { pid }) };
    skel.progs.function_called.attachUprobe(target);
    skel.progs.function_returned.attachUprobe({ ...target, retprobe: true });
  }

  using _lost = reportLost(skel.maps.rb);
  console.error(`Tracing ${values.function ?? "getpriority and setpriority"}; ^C ends it.`);
  using _calls = values.function === undefined ? setInterval(callBoth, 1000) : undefined;

  const print = eventPrinter({
    json: values.json,
    columns: {
      pid: ["PID", 7],
      comm: ["COMM", -16],
      function: ["FUNCTION", -16],
      event: ["EVENT", -6],
      arg1: ["ARG1", 14],
      arg2: ["ARG2", 14],
      arg3: ["ARG3", 14],
      result: ["RESULT", 14],
    },
  });
  for await (const e of skel.maps.rb.events({ signal: end })) {
    if (only !== undefined && e.pid !== only) continue;
    // A register has an int in its lower half. For other functions the types are unknown, so whole registers are shown.
    const show: (register: bigint) => number | string = values.function === undefined ? int : hex;
    const [arg1, arg2, arg3] = e.returned ? [] : Array.from(e.arguments, show);
    print({
      pid: e.pid,
      comm: e.comm,
      function: values.function ?? (e.by_hand ? "setpriority" : "getpriority"),
      event: e.returned ? "return" : "call",
      arg1,
      arg2,
      arg3: e.by_hand ? arg3 : undefined,
      result: e.returned ? show(e.result) : undefined,
    });
  }
});

/** Sets the priority of this process to the value that it has already. */
function callBoth(): void {
  setPriority(process.pid, getPriority(process.pid));
}

function int(register: bigint): number {
  return Number(BigInt.asIntN(32, register));
}

function hex(register: bigint): string {
  return `0x${BigInt.asUintN(64, register).toString(16)}`;
}
