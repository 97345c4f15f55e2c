import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Thing } from "./compare.ts";
import { processes } from "./processes.ts";
import { held } from "./system.ts";

const CALL: Readonly<Record<string, string>> = { x64: "321", arm64: "280" };

/**
 * BPF programs and links that the kernel keeps though no process holds them: they are attached for good. They do not
 * tell who made them; for other people's see `Watch`. Without root there is nothing to see, and no test can load any.
 * @throws Error when the kernel does not list them
 */
export function objects(): Thing[] {
  if (process.getuid?.() !== 0) return [];
  const script = join(import.meta.dirname, "objects.pl");
  const { status, stdout, stderr, error } = spawnSync("perl", [script, CALL[process.arch] ?? ""], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`BPF objects cannot be listed: ${error?.message ?? stderr}`);
  const inUse = held(processes());
  return (
    stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ") as [string, string, string])
      // systemd attaches programs for its services' control groups whenever it starts one.
      .filter(([kind, id, name]) => !inUse.has(`${kind} ${id}`) && !name.startsWith("sd_"))
      .map(([kind, id, name]) => ({
        id: `${kind} ${id}`,
        title: `BPF ${kind === "prog" ? "program" : "link"} ${id}${name ? ` (${name})` : ""}, held by no process`,
      }))
  );
}
