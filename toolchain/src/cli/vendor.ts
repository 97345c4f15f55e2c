import { defaultCache } from "../../../vendor/cache.ts";
import type { VendorFailure } from "../../../vendor/failures.ts";
import pins from "../../../vendor/pins.json" with { type: "json" };
import { readProvenance } from "../../../vendor/provenance.ts";
import { toSubmodules } from "../../../vendor/submodules.ts";
import { Failure } from "../base/failure.ts";
import { terminal } from "../report/terminal.ts";
import { submodulesText, vendoredText } from "../report/vendored.ts";

/** `bpf-app vendor`: says where the vendored sources came from; with --submodules makes submodules of them. */
export async function vendor(root: string, submodules: boolean): Promise<number> {
  if (submodules) {
    const { signal } = new AbortController();
    const made = await toSubmodules({ pins, app: root, cache: defaultCache(), signal });
    terminal.out(submodulesText(made));
    return 0;
  }
  const provenance = await readProvenance(root);
  if (!provenance) throw new Failure<VendorFailure>({ kind: "not-vendored", path: root });
  terminal.out(vendoredText(provenance));
  return 0;
}
