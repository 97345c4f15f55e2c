// The border between JavaScript and the addon once more, with the addon and the libraries under it compiled so that
// AddressSanitizer and UndefinedBehaviorSanitizer end the process at the first wrong access. Node itself is as it is:
// the sanitizers' runtime comes before it by LD_PRELOAD. Takes some minutes; needs root, and what the build needs.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { testBoundary } from "../build/boundary/tests.ts";

/** The runtime libraries of the compiler that builds the addon (Debian: libasan8 and libubsan1, which gcc brings). */
const libraries = ["libasan.so", "libubsan.so"].map((name) => {
  const path = execFileSync(process.env.CXX ?? "c++", [`-print-file-name=${name}`], {
    encoding: "utf8",
  }).trim();
  if (existsSync(path)) return path;
  throw new Error(`${name} is not there: install the sanitizers of the C++ compiler (libasan, libubsan)`);
});

testBoundary({
  variant: "sanitized",
  runs: Number(process.env.RUNS ?? 300),
  env: {
    LD_PRELOAD: libraries.join(" "),
    // What Node does not free at its end is not the addon's.
    ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1",
    UBSAN_OPTIONS: "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
  },
});
