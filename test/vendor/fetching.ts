import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { VendorFailure } from "../../vendor/failures.ts";
import { ORIGIN_NAMES } from "../../vendor/origin-names.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { type VendorRequest, vendor } from "../../vendor/vendor.ts";

/** The address of a mirror or forge where nobody listens. */
export const NOWHERE = "http://127.0.0.1:9/debian";

export type Asked = Pick<VendorRequest, "pins" | "app" | "cache"> & Partial<VendorRequest>;

export interface Fetched {
  readonly provenance: Provenance;
  /** The lines that a person would have seen. */
  readonly said: readonly string[];
}

/** Vendors as the scaffolder does. Unless it is said otherwise every origin may be asked and no mirror is known. */
export async function fetchInto(asked: Asked): Promise<Fetched> {
  const said: string[] = [];
  const provenance = await vendor({
    origins: ORIGIN_NAMES,
    submodules: false,
    mirrors: [],
    signal: new AbortController().signal,
    say: (line) => said.push(line),
    ...asked,
  });
  return { provenance, said };
}

type Unavailable = Extract<VendorFailure, { kind: "sources-unavailable" }>;

/** The failure that something ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<VendorFailure> {
  const error = await promise.then(
    () => assert.fail("it worked"),
    (reason: { failure?: VendorFailure }) => reason,
  );
  assert.ok(error.failure, String((error as Error).stack));
  return error.failure;
}

/** The faults that were met before nobody was left to ask. */
export async function faultsOf(promise: Promise<unknown>): Promise<Unavailable["faults"]> {
  const failure = await failureOf(promise);
  assert.equal(failure.kind, "sources-unavailable");
  return (failure as Unavailable).faults;
}

/** The files below a folder, sorted. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
