export { type GuardOptions, guardSource } from "./guard.ts";
export { localesNamed, type Named } from "./named.ts";
export { findIcuData } from "./package.ts";
export { type Dropped, icuLocales, type Keep, type Kept, subsetIcu } from "./subset.ts";
