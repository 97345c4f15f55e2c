import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { eventPrinter, main, until, usageError } from "bpf-app/runtime";
import { type count, xdp } from "../.output/xdp.skel.ts";

const USAGE = `Usage: xdp [--interface NAME] [--mode MODE] [--every SECONDS] [--duration SECONDS] [--json]

Counts the packets that come in through a network interface, by their size.

  -i, --interface NAME     the network interface (default: lo)
  -m, --mode MODE          where the program runs: native (in the driver), generic (after the driver), or link
                           (attached by a BPF link; the kernel takes the best place), which is the default
  -e, --every SECONDS      how often to print (default: 1)
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

const MODES = ["link", "native", "generic"] as const;

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      interface: { type: "string", short: "i", default: "lo" },
      mode: { type: "string", short: "m", default: "link" },
      every: { type: "string", short: "e", default: "1" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const mode = MODES.find((name) => name === values.mode);
  if (mode === undefined) throw usageError(`"${values.mode}" is none of the modes ${MODES.join(", ")}`);
  const milliseconds = Number(values.every) * 1000;
  if (!(milliseconds >= 1 && milliseconds < 2 ** 31))
    throw usageError(`"${values.every}" is no number of seconds`);
  const end = until(signal, values.duration);

  // `using` detaches and unloads the program when this function ends, even if it ends with an error.
  using skel = xdp.open();
  skel.load();
  skel.progs.xdp_count.attachXdp(values.interface, { mode });

  console.error(`Counting packets into ${values.interface}; ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: {
      time: ["TIME", -8],
      from: ["FROM", 6],
      to: ["TO", 6],
      packets: ["PACKETS", 12],
      bytes: ["BYTES", 15],
    },
  });
  const { sizes } = skel.maps;
  const before: count[] = Array.from({ length: sizes.length }, () => ({ packets: 0n, bytes: 0n }));
  while (!end.aborted) {
    await sleep(milliseconds, undefined, { signal: end }).catch(() => {});
    const time = new Date().toTimeString().slice(0, 8);
    for (const [index, last] of before.entries()) {
      // There is one count for each CPU.
      const now = sum(sizes.get(index));
      if (now.packets === last.packets) continue;
      const packets = now.packets - last.packets;
      print({ time, from: 2 ** index, to: 2 ** (index + 1) - 1, packets, bytes: now.bytes - last.bytes });
      before[index] = now;
    }
  }
});

function sum(counts: readonly count[]): count {
  const total = { packets: 0n, bytes: 0n };
  for (const { packets, bytes } of counts) {
    total.packets += packets;
    total.bytes += bytes;
  }
  return total;
}
