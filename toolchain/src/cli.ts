#!/usr/bin/env node
import * as module from "node:module";
import { userCache } from "./base/user-cache.ts";

// Keeps V8's code of these files between runs (Node ≥ 22.1); a build with nothing to do is mostly start-up.
// The folder lies in the user's own cache. Node's default is a folder in /tmp, which anybody could create before us.
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE || userCache("node"));
const { main } = await import("./cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
