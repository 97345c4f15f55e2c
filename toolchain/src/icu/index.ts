// What `named.ts` has is not among it: that file brings a parser of JavaScript along, and only bundling takes it.
export { type GuardOptions, guardSource } from "./guard.ts";
export { findIcuData } from "./package.ts";
export { type Dropped, icuLocales, type Keep, type Kept, subsetIcu } from "./subset.ts";
