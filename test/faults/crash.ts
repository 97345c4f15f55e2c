/*
 * Preloaded into a build: kills it right before the n-th call that changes files, n being
 * BPF_APP_CRASH. Where the n-th call never comes the build ends as ever.
 */
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env.BPF_APP_CRASH);

function guard(target: object, names: readonly string[]): void {
  const functions = target as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const original = functions[name]!;
    functions[name] = (...args) => {
      if (--left === 0) process.kill(process.pid, "SIGKILL");
      return original(...args);
    };
  }
}

guard(fs, [
  "renameSync",
  "writeFileSync",
  "rmSync",
  "chmodSync",
  "linkSync",
  "symlinkSync",
  "copyFileSync",
  "utimesSync",
  "ftruncateSync",
  "writeSync",
]);
guard(promises, ["copyFile"]);
syncBuiltinESMExports();
