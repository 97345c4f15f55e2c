/**
 * The program inside the executables of sea-secure.test.ts and sea-race.test.ts, bundled as an app is. It loads its addon,
 * tries what reads the environment, and prints one line of JSON. If GUARDED is `wait`, it then lives until its standard
 * input ends. If it is a number, as many copies of the addon are loaded before, each from a file of its own.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { createSecureContext, getCACertificates } from "node:tls";
import { loadAddon } from "../../../toolchain/src/runtime/addon.ts";
import { unnamed } from "./unnamed.ts";

/** What of somebody's is mapped to be run: files that are no library of the system's, nor the executable itself. */
function foreign(): string[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  const run = lines.filter((line) => /^\S+ ..x/.test(line) && line.includes("/"));
  const files = run.map((line) => line.slice(line.indexOf("/")));
  const known = (path: string) => /^\/(?:usr\/)?lib/.test(path) || path === process.execPath;
  return [...new Set(files)].filter((path) => !known(path)).sort();
}

/** Whether a module is found that nothing but the environment leads to. */
function findsPlanted(): boolean {
  try {
    createRequire("/")("planted");
    return true;
  } catch {
    return false;
  }
}

const load = (key: string) => (loadAddon(key, import.meta.url) as { name: string }).name;

function main(): void {
  const names: string[] = [];
  const wish = process.env.GUARDED;
  for (let more = wish === "wait" ? 0 : Number(wish ?? 0); more > 0; more--) names.push(load(`one-${more}`));
  createSecureContext();
  names.push(load("one"));
  const found = {
    names,
    mapped: foreign(),
    unnamed: unnamed(),
    tmpdir: tmpdir(),
    planted: findsPlanted(),
    authorities: getCACertificates("extra").length,
    variables: Object.keys(process.env).filter((one) => /^(NODE|OPENSSL|SSL|ICU)_/.test(one)),
    execArgv: process.execArgv,
    connected: process.connected ?? false,
  };
  process.emitWarning("for NODE_REDIRECT_WARNINGS");
  setImmediate(() => {
    console.log(JSON.stringify(found));
    if (wish === "wait") process.stdin.resume().on("end", () => process.exit());
    else process.exit();
  });
}

main();
