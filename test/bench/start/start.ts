// Attaches the programs and says so, by a write that needs none of Node's streams.
import { writeSync } from "node:fs";
import { main } from "bpf-app/runtime";
import { start } from "../.output/start.skel.ts";

await main(async ({ signal }) => {
  using skel = start.openAndLoad();
  skel.attach();
  writeSync(1, "attached\n");
  await new Promise((done) => {
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener("abort", () => done(clearInterval(alive)));
  });
});
