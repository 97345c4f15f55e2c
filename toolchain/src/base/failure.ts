/**
 * What each layer throws, by the layer's name. A layer adds its union here, beside where it declares it:
 *
 *     declare module "../base/failure.ts" {
 *       interface Failures { run: RunFailure }
 *     }
 *
 * Whoever assembles the words (`cli/errors.ts`, and create's `report.ts`) needs an entry for every name in it, so that
 * a layer without words, and a kind that its layer's words leave out, do not compile.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the layers fill it.
export interface Failures {}

export type Layer = keyof Failures;

/**
 * The one error of the build system. A layer throws what went wrong as data, which a test can match on; the sentence a
 * person reads is made of it by the layer's own `words.ts`.
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
