/**
 * What generated files are made of: codecs of C's own types, arrays of them, and the checks a field makes before it is
 * written. The codecs here read at any alignment; generated code goes through typed arrays where a field is aligned.
 */

export * from "./codec/arrays.ts";
export { type ArrayCodec, ArrayView } from "./codec/arrayView.ts";
export * from "./codec/bits.ts";
export * from "./codec/checks.ts";
export * from "./codec/numbers.ts";
export * from "./codec/text.ts";
