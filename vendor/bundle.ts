// node vendor/bundle.ts: packs the pinned sources into create/dist/sources. `npm publish` runs it (prepack).
import { join } from "node:path";
import { isFailure } from "../toolchain/src/base/failure.ts";
import { defaultCache } from "./cache.ts";
import { packSources } from "./pack.ts";
import { readPins } from "./pins.ts";
import { vendorWords } from "./words.ts";

const say = (line: string) => console.error(`sources: ${line}`);
try {
  await packSources({
    pins: await readPins(join(import.meta.dirname, "pins.json")),
    folder: join(import.meta.dirname, "../create/dist/sources"),
    cache: defaultCache(),
    say,
  });
} catch (error) {
  if (!isFailure(error, "vendor")) throw error;
  const { what, why = "", next } = vendorWords(error.failure);
  say(`${what}\n${why}\n${next}`);
  process.exitCode = 1;
}
