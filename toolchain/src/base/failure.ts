/**
 * What each layer throws, by the layer's name. Each layer adds its own union of failures, in the file that defines it:
 *
 *     declare module "../base/failure.ts" {
 *       interface Failures { run: RunFailure }
 *     }
 *
 * The two places that assemble the words (`cli/errors.ts`, and create's `report.ts`) need an entry for every layer.
 * So a layer without words does not compile, and neither does a layer whose words leave out one of its kinds.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the layers fill it.
export interface Failures {}

/** The name of a layer that throws failures: `run`, `host`, … */
export type Layer = keyof Failures;

/**
 * The one error of the build system. A layer throws what went wrong as data, which a test can match on. The layer's own
 * `words.ts` turns that data into the sentences that a person reads.
 */
export class Failure<L extends Layer = Layer> extends Error {
  readonly layer: L;
  readonly failure: Failures[L];

  constructor(layer: L, failure: Failures[L], options?: ErrorOptions) {
    super(`${layer}: ${failure.kind}`, options);
    this.name = "Failure";
    this.layer = layer;
    this.failure = failure;
  }
}

/** Whether an error is a failure of one layer. */
export function isFailure<L extends Layer>(error: unknown, layer: L): error is Failure<L> {
  return error instanceof Failure && error.layer === layer;
}
