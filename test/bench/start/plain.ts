// The same as start.ts with the program of the template minimal.
import { writeSync } from "node:fs";
import { main } from "bpf-app/runtime";
import { plain } from "../.output/plain.skel.ts";

await main(async ({ signal }) => {
  using skel = plain.openAndLoad();
  skel.attach();
  writeSync(1, "attached\n");
  await new Promise((done) => {
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener("abort", () => done(clearInterval(alive)));
  });
});
