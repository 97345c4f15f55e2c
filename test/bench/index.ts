// The project's figures: node test/bench/index.ts [build|link|ring …] [--json] [--long]. Ratios hold within one run;
// times do not compare between machines, nor between runs on a busy one.
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";

interface Bench {
  readonly figures: () => Promise<object>;
  readonly text: (figures: never) => string;
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
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    /** Read more events for the figures about memory. */
    long: { type: "boolean", default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.find((name) => !(name in BENCHES));
if (unknown) {
  console.error(`There is no bench ${unknown}. Benches: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(1);
}

const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, kernel: release(), node: process.version };
const results: Record<string, object> = {};
if (!values.json)
  console.log(`${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel}, Node ${machine.node}`);
for (const name of names) {
  const bench = await (BENCHES[name] as () => Promise<Bench>)();
  const figures = await bench.figures();
  results[name] = figures;
  if (!values.json) console.log(`\n${name}\n${bench.text(figures as never)}`);
}
if (values.json) console.log(JSON.stringify({ ...results, machine }));
