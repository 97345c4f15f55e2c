// Downloads and unpacks the guests' kernels, so that they are there when the matrix begins: node prefetch.ts [quick]
import { quickVersions } from "../../toolchain/src/guest/choose.ts";
import { prepareKernels } from "../../toolchain/src/guest/kernels.ts";

const began = performance.now();
const { kernels, notes } = await prepareKernels(process.argv[2] === "quick" ? quickVersions() : undefined);
for (const note of notes) console.error(note);
const seconds = Math.round((performance.now() - began) / 1000);
console.error(
  `${kernels.length} kernels are there, after ${seconds} s: ${kernels.map((k) => k.abi).join(", ")}`,
);
