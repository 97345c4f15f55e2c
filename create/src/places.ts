import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the parts of create-bpf-app lie: beside its bundle in a package, and in neighbouring folders in a checkout. */
export interface Places {
  /** The folder of the package create-bpf-app. */
  readonly own: string;
  readonly version: string;
  /** The folder of the templates. */
  readonly templates: string;
  /** The file pins.json. */
  readonly pins: string;
  /** The folder with the sources that the published package carries. A checkout has none. */
  readonly bundle: string | undefined;
  /** The file that runs, if it is one of a checkout, which npm does not start. */
  readonly checkout: string | undefined;
}

/** Finds these parts, starting from the file that runs. */
export function findPlaces(): Places {
  const own = fileURLToPath(new URL("..", import.meta.url));
  const { version } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as { version: string };
  const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const bundle = existsSync(beside("sources")) ? beside("sources") : undefined;
  const root = join(own, "..");
  const checkout = existsSync(join(root, "toolchain")) ? process.argv[1] : undefined;
  if (existsSync(beside("templates")))
    return { own, version, templates: beside("templates"), pins: beside("pins.json"), bundle, checkout };
  return {
    own,
    version,
    templates: join(root, "templates"),
    pins: join(root, "vendor", "pins.json"),
    bundle,
    checkout,
  };
}
