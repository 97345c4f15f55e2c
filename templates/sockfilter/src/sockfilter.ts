import { parseArgs } from "node:util";
import { eventPrinter, main, reportLost, until, usageError } from "bpf-app/runtime";
import { type packet, sockfilter } from "../.output/sockfilter.skel.ts";

const USAGE = `Usage: sockfilter [--interface NAME] [--port PORT] [--duration SECONDS] [--json]

Shows the IP packets that pass a network interface.

  -i, --interface NAME     the network interface (default: lo)
  -p, --port PORT          only TCP and UDP packets from or to this port
  -d, --duration SECONDS   end after this many seconds
      --json               print lines of JSON, as in a pipe
  -h, --help               show this help
`;

/** linux/if_packet.h */
const PACKET_OUTGOING = 4;
/** The most common protocols, from linux/in.h and linux/in6.h. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  58: "ICMPv6",
};

// main() runs this function. On ^C it aborts `signal`, and it turns an error into a message and an exit code.
await main(async ({ signal }) => {
  const { values } = parseArgs({
    options: {
      interface: { type: "string", short: "i", default: "lo" },
      port: { type: "string", short: "p", default: "0" },
      duration: { type: "string", short: "d" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(USAGE.trimEnd());
  const end = until(signal, values.duration);

  // `using` closes the socket and unloads the program when this function ends, in whatever way.
  using skel = sockfilter.open();
  skel.rodata.only_port = portNumber(values.port);
  skel.load();
  // A socket filter is attached to a socket. This makes a raw packet socket, which sees all packets of the interface.
  skel.progs.sockfilter.attachSocketFilter(values.interface);

  using _ = reportLost(skel.maps.packets);
  console.error(`Watching ${values.interface}; ^C ends it.`);
  const print = eventPrinter({
    json: values.json,
    columns: {
      direction: ["DIR", -3],
      protocol: ["PROTO", -6],
      length: ["BYTES", 6],
      source: ["SOURCE", -28],
      destination: ["DESTINATION", -28],
    },
  });
  for await (const packet of skel.maps.packets.events({ signal: end })) {
    print({
      interface: values.interface,
      // A packet to the same machine passes lo twice: on its way out and on its way in.
      direction: packet.type === PACKET_OUTGOING ? "out" : "in",
      protocol: PROTOCOLS[packet.protocol] ?? String(packet.protocol),
      length: packet.length,
      source: endpoint(packet, packet.source, packet.source_port),
      destination: endpoint(packet, packet.destination, packet.destination_port),
    });
  }
});

function portNumber(text: string): number {
  const port = Number(text);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw usageError(`"${text}" is no port`);
  return port;
}

/** An address with its port: `127.0.0.1:53` or `[::1]:53`. If there is no port, only the address. */
function endpoint({ version }: packet, address: Uint8Array, port: number): string {
  const host = version === 4 ? address.subarray(0, 4).join(".") : `[${ipv6(address)}]`;
  return port === 0 ? host : `${host}:${port}`;
}

function ipv6(address: Uint8Array): string {
  const groups: string[] = [];
  const view = new DataView(address.buffer, address.byteOffset);
  for (let i = 0; i < 16; i += 2) groups.push(view.getUint16(i).toString(16));
  // URL writes addresses in their short form.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
