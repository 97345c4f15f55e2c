/**
 * The one error type of the build system. A layer throws what went wrong as data; the sentence a person reads is
 * made from it in `report/words/`, so that wording lives in one place and a test can match on `failure.kind`.
 *
 * Every layer declares its own union in `<layer>/failures.ts`; `report/words/<layer>.ts` words each member.
 */
export class Failure<F extends { readonly kind: string } = { readonly kind: string }> extends Error {
  readonly failure: F;

  constructor(failure: F, options?: ErrorOptions) {
    super(failure.kind, options);
    this.name = "Failure";
    this.failure = failure;
  }
}
