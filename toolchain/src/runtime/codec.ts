/**
 * What generated files are made of: codecs of C's own types, codecs of arrays, and the checks that are made before a field
 * is written. The codecs here read at any alignment; generated code goes through typed arrays where a field is aligned.
 */

export { type ArrayCodec, ArrayView } from "./codec/array-view.ts";
export * from "./codec/arrays.ts";
export * from "./codec/bits.ts";
export * from "./codec/checks.ts";
export * from "./codec/complete.ts";
export * from "./codec/kept.ts";
export * from "./codec/lost.ts";
export * from "./codec/merge.ts";
export * from "./codec/numbers.ts";
export * from "./codec/text.ts";
export * from "./codec/zero.ts";
export { sealed } from "./sealed.ts";
