/**
 * Installs what the tests need on a Debian machine: `node test/setup/index.ts`. Does nothing, quickly, when all is
 * there; `--check` only says what is missing, and with `--full` it is what the full run needs.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { install } from "../../toolchain/src/base/install.ts";
import { installCommand, NEEDS } from "../../toolchain/src/base/packages.ts";
import { findTool } from "../../toolchain/src/base/which.ts";
import { complaint } from "./complaint.ts";
import { missingOf, NEEDED, NEEDED_BY_FULL, namesOf } from "./packages.ts";

const needed = [...NEEDED, ...(process.argv.includes("--full") ? NEEDED_BY_FULL : [])];
const PACKAGES = namesOf(needed);
const checkOnly = process.argv.includes("--check");
// Both are tried, even if the first one fails: the tests that need neither are run anyway.
process.exitCode = Math.max(setUp(checkOnly), mountTracefs(checkOnly));

/**
 * Mounts tracefs, where probes are looked up by name and the trace pipe is read. Machines that booted without systemd
 * lack it.
 */
function mountTracefs(checkOnly: boolean): number {
  const place = "/sys/kernel/tracing";
  if (existsSync(`${place}/trace_pipe`)) return 0;
  const command = ["mount", "-t", "tracefs", "tracefs", place];
  if (checkOnly || process.getuid?.() !== 0) {
    console.error(`set-up: tracefs is not mounted\nset-up: run this once: sudo ${command.join(" ")}`);
    return 1;
  }
  console.log(`set-up: ${command.join(" ")}`);
  return spawnSync(command[0]!, command.slice(1), { stdio: "inherit" }).status ?? 1;
}

function setUp(checkOnly: boolean): number {
  if (spawnSync("dpkg-query", ["--version"]).error || spawnSync("apt-get", ["--version"]).error) {
    console.error(`The tests' set-up knows apt only. Install these by hand: ${PACKAGES.join(" ")}`);
    return 1;
  }
  const missing = missingPackages();
  if (missing.length === 0) {
    console.log(`set-up: all ${PACKAGES.length} packages are there`);
    return 0;
  }
  if (checkOnly || process.getuid?.() !== 0) {
    const command = installCommand("apt", ["--no-install-recommends", ...missing]);
    console.error(`set-up: missing: ${missing.join(" ")}\nset-up: run this once: sudo ${command.join(" ")}`);
    return 1;
  }
  const still = install({ run: apt, missing: missingPackages });
  if (still.length > 0) console.error(complaint(still, needed));
  return still.length === 0 ? 0 : 1;
}

function missingPackages(): string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
  const format = "${Package} ${db:Status-Status}\n";
  const report = spawnSync("dpkg-query", ["-W", "-f", format, ...PACKAGES]).stdout.toString();
  // A compiler may be there in another version than the package of its plain name has.
  const there = NEEDS.filter(({ command }) => findTool(command, process.env.PATH ?? "")).map(
    ({ apt }) => apt,
  );
  return missingOf(PACKAGES, report).filter((name) => !there.includes(name));
}

function apt(command: readonly string[]): boolean {
  console.log(`set-up: ${command.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command[0]!, command.slice(1), { stdio: "inherit", env }).status === 0;
}
