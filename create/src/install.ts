import { attempt, bytesRead, type Pace } from "../../toolchain/src/base/command.ts";
import type { Manager, ManagerName } from "./managers.ts";

/** Why the packages could not be installed. */
export interface Refused {
  readonly kind: "install-failed";
  readonly command: string;
  readonly output: string;
}

/** The slowest pace of npm. Its own limit, for a request that has come to a standstill, is five minutes. */
const PACE: Pace = { arrived: bytesRead, bytes: 32 * 1024, within: 15_000 };

// Versions are exact, so the packages in npm's cache are the same as the registry's.
const NPM = [
  ...["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"],
  ...["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
];

const ARGS: Readonly<Record<ManagerName, readonly string[]>> = {
  npm: NPM,
  pnpm: ["--prefer-offline"],
  yarn: [],
  bun: [],
};

/** In a CI, Yarn would refuse to write the lock file, and pnpm one that does not exist yet. */
const ENVIRONMENT = { YARN_ENABLE_IMMUTABLE_INSTALLS: "false", npm_config_frozen_lockfile: undefined };

/**
 * Installs the packages.
 * @returns why it failed, or undefined if it did not
 */
export async function install(
  app: string,
  { name, install: command }: Manager,
  signal: AbortSignal,
): Promise<Refused | undefined> {
  const outcome = await attempt(name, ["install", ...ARGS[name]], {
    cwd: app,
    signal,
    env: ENVIRONMENT,
    // The others may run behind a shell, which reads nothing itself.
    ...(name === "npm" ? { pace: PACE } : {}),
  });
  if (outcome.ok) return undefined;
  const output = outcome.ended ? "The registry sends almost no data." : outcome.output.trim();
  return { kind: "install-failed", command, output };
}
