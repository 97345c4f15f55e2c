export { type BlobRequest, makeBlob } from "./blob.ts";
export type { SeaFailure } from "./failures.ts";
export { type InjectReport, inject } from "./inject.ts";
export { type StripReport, stripBase } from "./strip.ts";
export { makeTrim, type TrimReport, type TrimRequest } from "./trim.ts";
