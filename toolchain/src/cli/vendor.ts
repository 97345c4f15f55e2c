import { defaultCache } from "../../../vendor/cache.ts";
import pins from "../../../vendor/pins.json" with { type: "json" };
import { readProvenance } from "../../../vendor/provenance.ts";
import { toSubmodules } from "../../../vendor/submodules.ts";
import type { VendorReport } from "../report/vendored.ts";
import { interruptible } from "./interrupted.ts";

/**
 * `bpf-app vendor`: reads where the vendored sources came from. With --submodules it turns them into git submodules.
 * @throws Failure of the layer vendor
 */
export async function vendor(root: string, submodules: boolean): Promise<VendorReport> {
  if (submodules) {
    const submodules = await interruptible((signal) =>
      toSubmodules({ pins, app: root, cache: defaultCache(), signal }),
    );
    return { submodules };
  }
  return { provenance: await readProvenance(root) };
}
