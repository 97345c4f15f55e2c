import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../root.ts";
import type { Machine } from "../peers/page.ts";
import { START_TITLES, type StartCost, type StartFigures } from "../start.ts";

/** Writes docs/start.md of one run. */
export function writeStartPage(figures: StartFigures, machine: Machine): void {
  writeFileSync(join(ROOT, "docs/start.md"), startPage(figures, machine));
}

/** The page, as Markdown. */
export function startPage(figures: StartFigures, machine: Machine): string {
  const { costs, rounds, versions, absent, wall_to_node, cpu_to_node } = figures;
  const rows = Object.keys(START_TITLES).flatMap((name) => {
    const cost = costs[name];
    return cost === undefined ? [] : [row(START_TITLES[name] as string, cost)];
  });
  return `# What a start costs

<!-- Made by \`npm run bench -- start --page\`. Edit test/bench/start/page.ts, and not this file. -->

How long it takes from the start of a program until its BPF programs are attached, and how much memory it has then.
\`npm run bench -- start\` measures it on your machine: it takes root, a C compiler and some minutes.

On ${machine.date}: ${machine.cpu}, ${machine.cpus} processors, Linux ${machine.kernel.split("-")[0]}; ${Object.values(versions).join("; ")}.${absent.map((sentence) => ` ${sentence}`).join("")}

All but the bare Nodes attach programs: without CO-RE the one of the template \`minimal\`, with CO-RE the two of \`bootstrap\`, for which libbpf reads the five megabytes of the kernel's types. There were ${rounds} rounds, in which all took turns; a figure is the median of its rounds, and the least is beside it. Time begins before \`exec\`. Processor time is that of all threads. Memory is what is resident at that moment; most of it is pages of the executable's file, which all its processes share.

| | ms by the clock | ms of processor time | MB resident | of these in no file | MB at the peak |
| --- | --: | --: | --: | --: | --: |
${rows.join("\n")}

- Without CO-RE \`bpf-app\` takes by the clock ${wall_to_node.toFixed(2)} × what \`node -e 0\` takes, and ${cpu_to_node.toFixed(2)} × by processor time. The goal is 1.15 at most.
- It has ${costs.us_plain?.rss} MB. The goal is 46 at most.
- What libbpf does is the same in C and here: the difference between the two rows of C is what reading the kernel's types costs.

## What makes it so

- **A code cache.** The executable holds what V8 has compiled of the app's script (\`NAME.cache\`). Without it V8 reads the whole script twice, first all of it and then what runs. The script is not run when the cache is made.
- **The same bytes each time.** V8's caches differ from run to run because its hashes have a random seed. The seed is fixed while the cache is made, and set back before V8 notes its options in it. Addresses have no influence: with randomised addresses and without them the bytes are the same. A cache that V8 refuses costs nothing but its time; the app runs the same and nothing is said.
- **Single names.** An \`import { readFileSync } from "node:fs"\` takes that one name. As bundlers do it otherwise, each such line copies all names of the module, some hundred times two dozen lines.
- **What is used later is loaded later.** Worker threads (3 ms, 0.4 MB) are loaded by apps that import them. Node's streams for standard output (5 ms) are made when the app prints first.
- **No comments** of the runtime are in the script, and no character beyond ASCII: of a text with one V8 keeps two bytes for each.

Together they took the app that only attaches from 84 ms of processor time to 63, and from 54.0 MB to 45.6, where a bare \`node -e 0\` took 48 ms and 41.9 MB: the least of ten rounds in turn on a busy machine, on 2026-11-30.

## What was left out

- **A cache of all functions**, also of those that do not run at the start: three times as large, a megabyte more in memory, and no faster.
- **A snapshot** of the heap: it is made by running the script, and an app's script attaches programs.
`;
}

function row(title: string, cost: StartCost): string {
  const memory = cost.rss > 0 ? [cost.rss, cost.anonymous, cost.peak] : ["–", "–", cost.peak];
  const cells = [`${cost.wall}, ${cost.wall_min}`, `${cost.cpu}, ${cost.cpu_min}`, ...memory];
  return `| ${title} | ${cells.join(" | ")} |`;
}
