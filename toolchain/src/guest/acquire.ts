import type { Arch } from "../base/arch.ts";
import { type Choice, candidates, RELEASES, type Release, type Wanted } from "./choose.ts";
import type { Package } from "./package-archive.ts";

/** What could be got for one wanted version. */
export interface Acquired<T> {
  readonly choice: Choice;
  readonly got: T;
}

export interface Acquisition<T> {
  readonly acquired: readonly Acquired<T>[];
  /** Sentences about the versions for which nothing could be got, with the reasons. */
  readonly notes: readonly string[];
}

/**
 * Gets a kernel for each wanted version: the first candidate that can really be downloaded. A package may be named by
 * the archive's index and be gone from its pool; then the next candidate is tried, and its note says so.
 * @param get rejects for what cannot be had
 * @param arch the architecture of the kernels
 * @param taken versions that stand for others already
 */
export async function acquire<T>(
  wanted: readonly Wanted[],
  served: readonly Package[],
  get: (choice: Choice) => Promise<T>,
  arch: Arch,
  taken: readonly string[] = [],
): Promise<Acquisition<T>> {
  const results = new Map<string, Acquired<T>>();
  const used = new Set(taken);
  const reasons = new Map<string, string[]>();
  const tryOne = async (choice: Choice): Promise<boolean> => {
    const failures = reasons.get(choice.wanted) ?? [];
    reasons.set(choice.wanted, failures);
    try {
      const got = await get(choice);
      used.add(choice.version);
      const why = failures.length > 0 ? `${failures.join("; ")}; ${choice.abi} instead` : "";
      const note = [why, choice.note ?? ""].filter(Boolean).join("; ");
      results.set(choice.wanted, { choice: { ...choice, ...(note ? { note } : {}) }, got });
      return true;
    } catch (error) {
      failures.push(`${choice.abi} cannot be had (${error instanceof Error ? error.message : error})`);
      return false;
    }
  };
  const firstOf = async (choices: readonly Choice[]) => {
    for (const choice of choices) if (await tryOne(choice)) return;
  };
  // Unpacking is mostly xz, which uses one core: two at a time use two cores.
  await twoAtATime(wanted, async (want) => {
    await firstOf(candidates(want, served, arch).filter(({ version }) => version === want.version));
  });
  // Replacements are looked for one after the other, because no two versions may get the same one.
  for (const want of wanted.filter(({ version }) => !results.has(version)))
    await firstOf(
      candidates(want, served, arch).filter(({ version }) => version !== want.version && !used.has(version)),
    );
  return {
    acquired: wanted.flatMap(({ version }) => results.get(version) ?? []),
    notes: wanted
      .filter(({ version }) => !results.has(version))
      .map(({ version }) => {
        const why = reasons.get(version) ?? [];
        return `No ${version} kernel can be had, nor another one that is not in the table${why.length > 0 ? `: ${why.join("; ")}` : ""}.`;
      }),
  };
}

/**
 * Gets the libraries of a release, or of another one, the newest first: a built file asks for nothing that any of them
 * lacks.
 * @throws Error with all reasons, when no release's can be had
 */
export async function acquireLibraries<T>(
  release: Release,
  get: (suite: string) => Promise<T>,
): Promise<{ got: T; note?: string }> {
  const others = RELEASES.filter((other) => other !== release).toReversed();
  const failures: string[] = [];
  for (const suite of [release, ...others].flatMap((name) => [name, `${name}-security`])) {
    try {
      const got = await get(suite);
      if (failures.length === 0) return { got };
      return { got, note: `${failures.join("; ")}; libraries of ${suite} instead` };
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      failures.push(`the libraries of ${suite} cannot be had (${reason})`);
    }
  }
  throw new Error(failures.join("; "));
}

async function twoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all([worker(), worker()]);
}
