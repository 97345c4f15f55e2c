import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError, wholeNumber } from "bpf-app/runtime";
import { usdt, what } from "../.output/usdt.skel.ts";

const USAGE = `Usage: usdt [--pid PID] [--duration SECONDS] [--json]
       usdt --probe FILE:PROVIDER:NAME [--pid PID] [--duration SECONDS] [--json]

Shows the exceptions of C++ programs when they are thrown, caught, and thrown again. With --probe it shows another
statically defined probe, with its first three arguments.

      --probe PROBE        a probe such as libc.so.6:libc:setjmp
  -p, --pid PID            only in this process
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

/** GCC's C++ library, which Node needs as well. */
const LIBRARY = { binary: "libstdc++.so.6", provider: "libstdcxx" };
const EVENTS: Readonly<Record<number, string>> = {
  [what.OTHER]: "hit",
  [what.THROW]: "throw",
  [what.CATCH]: "catch",
  [what.RETHROW]: "rethrow",
};
/** The built-in types, which compilers encode as letters. */
const BUILT_IN: Readonly<Record<string, string>> = {
  b: "bool",
  c: "char",
  i: "int",
  l: "long",
  PKc: "const char*",
};

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      probe: { type: "string" },
      pid: { type: "string", short: "p" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const end = until(signal, values.duration);
  const pid = wholeNumber(values.pid, 1);
  const where = pid === undefined ? {} : { pid };

  // `using` detaches and unloads the programs when this function ends, even if it ends with an error.
  using skel = usdt.open();
  skel.load();
  const { thrown, handled, hit } = skel.progs;
  if (values.probe !== undefined) {
    hit.attachUsdt({ ...parseProbe(values.probe), ...where });
  } else {
    // For all processes it is attached as its section says, and for one process by hand.
    if (pid === undefined) skel.attach();
    else thrown.attachUsdt({ ...LIBRARY, name: "throw", pid });
    // One program serves two probes, and tells them apart by the cookie.
    handled.attachUsdt({ ...LIBRARY, name: "catch", cookie: what.CATCH, ...where });
    handled.attachUsdt({ ...LIBRARY, name: "rethrow", cookie: what.RETHROW, ...where });
  }

  using _ = reportLost(skel.maps.rb);
  console.error(`Tracing ${values.probe ?? "C++ exceptions"}; ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: {
      pid: ["PID", 7],
      comm: ["COMM", -16],
      event: ["EVENT", -7],
      ...(values.probe === undefined
        ? { type: ["TYPE", -4] }
        : { arg1: ["ARG1", 18], arg2: ["ARG2", 18], arg3: ["ARG3", 18] }),
    },
  });
  for await (const e of skel.maps.rb.events({ signal: end })) {
    const [arg1, arg2, arg3] = Array.from(e.arguments.subarray(0, e.count), hex);
    const type = values.probe === undefined ? readable(e.type) : undefined;
    print({ pid: e.pid, comm: e.comm, event: EVENTS[e.what], type, arg1, arg2, arg3 });
  }
});

function parseProbe(probe: string): { binary: string; provider: string; name: string } {
  const [, binary, provider, name] = /^(.+):([^:]+):([^:]+)$/.exec(probe) ?? [];
  if (!(binary && provider && name)) throw usageError(`"${probe}" is not FILE:PROVIDER:NAME`);
  return { binary, provider, name };
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/**
 * Decodes the name of a class that is not a template: `N3app5ErrorE` is `app::Error`. `c++filt -t` decodes the others.
 */
function readable(mangled: string): string {
  const names = /^\*?N(.*)E$/.exec(mangled)?.[1] ?? mangled.replace("*", "");
  const parts = names.startsWith("St") ? ["std"] : [];
  for (let rest = parts[0] ? names.slice(2) : names; rest !== ""; ) {
    const length = /^\d+/.exec(rest)?.[0] ?? "";
    const name = rest.slice(length.length, length.length + Number(length));
    if (name === "") return BUILT_IN[mangled] ?? mangled;
    parts.push(name === "_GLOBAL__N_1" ? "(anonymous)" : name);
    rest = rest.slice(length.length + name.length);
  }
  return parts.join("::");
}
