// A program to be run where no name is ever resolved. It vendors once with the sources that the package carries and
// once without, and prints the origins that delivered and the kinds of the faults.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faultsOf, fetchInto } from "../vendor/fetching.ts";

const { pins, bundle, app } = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
const asked = { pins, app, mirrors: ["http://mirror.example/debian"] };
const { provenance } = await fetchInto({ ...asked, bundle, cache: join(app, "cache-1") });
const carried = new Set(Object.values(provenance.sources).map(({ origin }) => origin));
const faults = await faultsOf(fetchInto({ ...asked, cache: join(app, "cache-2") }));
const without = new Set(faults.map(({ kind }) => kind));
console.log(JSON.stringify({ carried: [...carried], without: [...without] }));
