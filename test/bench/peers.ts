import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { benchDrain, type DrainFigures } from "./peers/drain.ts";
import { benchRates, type RateRow } from "./peers/rates.ts";
import { buildPeers } from "./peers/rivals.ts";
import { benchTables, type TableFigures } from "./peers/tables.ts";

/** The figures of one run, in which everyone reads what the same kernel object sends. */
export interface PeerFigures {
  /** How long each rate was kept up, in seconds, and how many times everything was measured. */
  readonly seconds: number;
  readonly rounds: number;
  /** What each one is, with its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Who is left out, and why: a sentence each. */
  readonly absent: readonly string[];
  readonly rates: readonly RateRow[];
  readonly drain: DrainFigures;
  readonly tables: TableFigures;
}

export interface PeerOptions {
  /** One round of everything, and a second for each rate. */
  readonly quick?: boolean;
}

/** The app is measured anew in each round of the drain and the maps; V8 compiles in the first ones. */
const WARM_UP = { drain: 4, tables: 2 };

/** Builds the app and its rivals in a temporary folder, and measures them as root. */
export async function benchPeers({ quick = false }: PeerOptions = {}): Promise<PeerFigures> {
  if (process.getuid?.() !== 0) throw new Error("programs can be loaded by root only: run this as root");
  if (availableParallelism() < 2)
    throw new Error("a producer and a consumer are compared on two processors, and there is one");
  const seconds = quick ? 1 : 3;
  const rounds = quick ? 1 : 3;
  const folder = mkdtempSync(join(tmpdir(), "bench-peers-"));
  try {
    const peers = buildPeers(folder);
    const drain = await benchDrain(peers, WARM_UP.drain + (quick ? 3 : 9), WARM_UP.drain);
    const tables = await benchTables(peers, WARM_UP.tables + (quick ? 1 : 5), WARM_UP.tables);
    const rates = await benchRates(peers, { seconds, rounds });
    return { seconds, rounds, versions: peers.versions, absent: peers.absent, rates, drain, tables };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
