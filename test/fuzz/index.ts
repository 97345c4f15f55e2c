// Mutated bytes for every reader of untrusted bytes: node test/fuzz/index.ts [--count N] [--seed N]. N inputs for
// each reader; test/run.ts says how many in which run. A run can be repeated by its seed.
import { parseArgs } from "node:util";
import { fuzzBtf } from "./btf.ts";
import { fuzzIcu } from "./icu.ts";
import { fuzzInspect } from "./inspect.ts";
import { fuzzSea } from "./sea.ts";
import { fuzzSymbols } from "./symbols.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "100000" }, seed: { type: "string" } },
});
const inputs = Number(values.count);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);

const TARGETS = {
  "objects, BTF and skeletons": () => fuzzBtf({ inputs, seed }),
  "executables, notes and blobs": () => fuzzSea({ inputs, seed }),
  "symbols, and what is left out": () => fuzzSymbols({ inputs, seed }),
  // An input has dozens of files, each with its own tables.
  "locale data, and scripts that name locales": () => fuzzIcu({ inputs: Math.ceil(inputs / 4), seed }),
  "what executables are made of": () => fuzzInspect({ inputs, seed }),
};

let failed = 0;
for (const [name, fuzz] of Object.entries(TARGETS)) {
  try {
    console.log(`${name}: ${JSON.stringify(await fuzz())}`);
  } catch (error) {
    failed++;
    console.error(`${name}: FAILED; again with --seed ${seed}`, error);
  }
}
console.log(`${Object.keys(TARGETS).length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
