/**
 * What generated files are made of: codecs of C's own types, codecs of arrays, and the checks that are made before a field
 * is written. The codecs here read at any alignment; generated code goes through typed arrays where a field is aligned.
 */

export { type ArrayCodec, ArrayView } from "./codec/array-view.ts";
export * from "./codec/arrays.ts";
export * from "./codec/bits.ts";
export * from "./codec/checks.ts";
export * from "./codec/numbers.ts";
export * from "./codec/text.ts";
