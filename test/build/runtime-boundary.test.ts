// The border between JavaScript and the addon: whatever an app calls, and whenever, its process lives on.
import { testBoundary } from "./boundary/tests.ts";

testBoundary({
  variant: "plain",
  runs: 200,
  inWorker: ["lifecycle", "maps"],
});
