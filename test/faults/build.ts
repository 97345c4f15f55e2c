// One build of a plan of shell commands, for tests that kill it or run it twice:
// node build.ts FOLDER PLAN.json [CACHE]
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runPlan } from "../../toolchain/src/run/index.ts";

const [root = ".", plan = "plan.json", cache] = process.argv.slice(2);

await runPlan(JSON.parse(readFileSync(resolve(root, plan), "utf8")), {
  root: resolve(root),
  jobs: 2,
  actions: {},
  cache: cache && resolve(cache),
  listener() {},
  signal: new AbortController().signal,
  env: process.env,
});
