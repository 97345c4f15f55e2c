// The project's figures: node test/bench/index.ts [build|link|ring|start|peers …] [--json] [--long] [--quick] [--page]
// [--from FILE]. Ratios hold within one run; times do not compare between machines, nor between runs on a busy one.
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";

interface Bench {
  readonly figures: () => Promise<object>;
  readonly text: (figures: never) => string;
  /** Writes the page of the documentation that is about these figures. */
  readonly page?: (figures: never, machine: Machine) => void;
}

interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly kernel: string;
  readonly node: string;
  readonly date: string;
}

/** The benchmarks are loaded when they are asked for, because each needs other tools. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  build: async () => {
    const { benchBuild, buildText } = await import("./build.ts");
    return { figures: benchBuild, text: buildText };
  },
  link: async () => {
    const { benchLink, linkText } = await import("./link.ts");
    return { figures: benchLink, text: linkText };
  },
  ring: async () => {
    const { benchRing, ringText } = await import("./ring.ts");
    return { figures: () => benchRing({ long: values.long }), text: ringText };
  },
  start: async () => {
    const { benchStart, startText } = await import("./start.ts");
    const { writeStartPage } = await import("./start/page.ts");
    return {
      figures: async () => benchStart({ quick: values.quick }),
      text: startText,
      page: writeStartPage,
    };
  },
  peers: async () => {
    const { benchPeers } = await import("./peers.ts");
    const { peersText } = await import("./peers/text.ts");
    const { writePage } = await import("./peers/page.ts");
    return { figures: () => benchPeers({ quick: values.quick }), text: peersText, page: writePage };
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    /** Read more events for the figures about memory. */
    long: { type: "boolean", default: false },
    /** Measure starts and peers in few rounds, and shortly. */
    quick: { type: "boolean", default: false },
    /** Write the page of what is measured: docs/performance.md and its picture, docs/start.md. */
    page: { type: "boolean", default: false },
    /** Measure nothing, and take what an earlier run has printed with --json. */
    from: { type: "string" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.find((name) => !(name in BENCHES));
if (unknown) {
  console.error(`There is no bench ${unknown}. Benches: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(1);
}

interface Run extends Record<string, object> {
  readonly machine: Machine;
}
const earlier =
  values.from === undefined ? undefined : (JSON.parse(readFileSync(values.from, "utf8")) as Run);
const machine: Machine = earlier?.machine ?? {
  cpu: cpus()[0]?.model ?? "an unknown processor",
  cpus: cpus().length,
  kernel: release(),
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
};
const results: Record<string, object> = {};
if (!values.json)
  console.log(`${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel}, Node ${machine.node}`);
for (const name of names) {
  const bench = await (BENCHES[name] as () => Promise<Bench>)();
  const figures = earlier?.[name] ?? (await bench.figures());
  results[name] = figures;
  if (!values.json) console.log(`\n${name}\n${bench.text(figures as never)}`);
  if (values.page) bench.page?.(figures as never, machine);
}
if (values.json) console.log(JSON.stringify({ ...results, machine }));
