import { readFileSync } from "node:fs";
import { needy } from "../.output/needy.skel.ts";

// Loads, attaches the security hook, and tells how often that has run since.
using skel = needy.open();
skel.load();
skel.progs.on_open.attach();
for (let i = 0; i < 10; i++) readFileSync("/proc/version");
console.log(`opened ${skel.bss.opened > 0n ? "some" : "none"}`);
