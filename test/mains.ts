import { join } from "node:path";
import { ROOT } from "./root.ts";

/**
 * The files that a user starts: the bundles in the runs of all tests, which start in a third of the time, and the sources
 * where a single test is run after an edit, or coverage is counted.
 */
const bundled = process.env.BPF_APP_TEST_BUNDLES !== undefined;

/** bpf-app. */
export const CLI = join(ROOT, bundled ? "toolchain/dist/cli.js" : "toolchain/src/cli.ts");
/** create-bpf-app. */
export const MAIN = join(ROOT, bundled ? "create/dist/main.js" : "create/src/main.ts");
