#!/usr/bin/env node
import * as module from "node:module";

// Keeps V8's code of these files between runs (Node ≥ 22.1); a build with nothing to do is mostly start-up.
module.enableCompileCache?.();
const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
