import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError } from "bpf-app/runtime";
import { tc } from "../.output/tc.skel.ts";

const USAGE = `Usage: tc [--interface NAME] [--egress] [--duration SECONDS] [--json]

Shows the length and the time to live of the IPv4 packets that come in through a network interface.

  -i, --interface NAME     the network interface (default: lo)
  -e, --egress             show the packets that leave by it instead
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

/** The most common protocols, from linux/in.h. */
const PROTOCOLS: Readonly<Record<number, string>> = { 1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP" };

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      interface: { type: "string", short: "i", default: "lo" },
      egress: { type: "boolean", short: "e" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  if (values.interface === "") throw usageError("--interface takes a name");
  const end = until(signal, values.duration);
  const direction = values.egress ? "egress" : "ingress";

  using skel = tc.open();
  skel.load();
  // The hook is a clsact qdisc of the interface. If it does not exist, it is created here and removed at the end.
  // Unlike a link, a filter outlives a process that is killed. README.md says how to remove it then.
  using _filter = skel.progs.tc_packet.attachTc(values.interface, { direction, destroyHook: true });

  using _lost = reportLost(skel.maps.packets);
  console.error(`Watching ${values.interface}, ${direction}; ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: {
      protocol: ["PROTO", -5],
      length: ["LENGTH", 6],
      ttl: ["TTL", 3],
      source: ["SOURCE", -15],
      destination: ["DESTINATION", -15],
    },
  });
  for await (const packet of skel.maps.packets.events({ signal: end })) {
    print({
      interface: values.interface,
      direction,
      protocol: PROTOCOLS[packet.protocol] ?? String(packet.protocol),
      length: packet.length,
      ttl: packet.ttl,
      source: packet.source.join("."),
      destination: packet.destination.join("."),
    });
  }
});
