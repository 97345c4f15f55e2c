/** The output of one of several stages that run at once. */
export interface Channel {
  write(chunk: Buffer | string, stream: "stdout" | "stderr"): void;
  end(): void;
}

export type Sink = (chunk: Buffer | string, stream: "stdout" | "stderr") => void;

/**
 * The output of stages that run at the same time, without mixing it. What the oldest stage says is shown as it comes;
 * what the others say is kept until their turn.
 */
export class Output {
  readonly #sink: Sink;
  #open: { kept: [Buffer | string, "stdout" | "stderr"][]; ended: boolean }[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  channel(): Channel {
    const mine = { kept: [] as [Buffer | string, "stdout" | "stderr"][], ended: false };
    this.#open.push(mine);
    return {
      write: (chunk, stream) => {
        if (this.#open[0] === mine) this.#sink(chunk, stream);
        else mine.kept.push([chunk, stream]);
      },
      end: () => {
        mine.ended = true;
        this.#advance();
      },
    };
  }

  #advance(): void {
    while (this.#open[0]?.ended) {
      this.#open.shift();
      for (const [chunk, stream] of this.#open[0]?.kept.splice(0) ?? []) this.#sink(chunk, stream);
    }
  }
}
