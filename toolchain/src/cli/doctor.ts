import { loadConfig } from "../config/load.ts";
import { examine, type Finding } from "../host/examine.ts";
import type { Call } from "./verb.ts";

/**
 * Looks at everything that building and running need.
 * @throws Failure of the layer config
 */
export async function doctor({ root, assignments }: Omit<Call<unknown>, "options">): Promise<Finding[]> {
  return examine(await loadConfig(root, assignments, process.env), process.env);
}
