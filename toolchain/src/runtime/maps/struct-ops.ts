import { StateError } from "../errors.ts";
import { Link } from "../link.ts";
import { callLibbpf } from "../session.ts";
import { BpfMap } from "./map.ts";

/** A struct_ops map: a table of programs that the kernel calls. */
export class StructOpsMap extends BpfMap {
  /** Puts the table in place (Linux 5.6; with a link 6.4). */
  attach(): Link {
    const link = this.#attach(false);
    if (link) return link;
    throw new StateError(
      "bpf_map__attach_struct_ops",
      `${this.name} was left out of load: there is no table`,
    );
  }

  /** Whether the skeleton's `attach()` does it. */
  setAutoAttach(autoattach: boolean): void {
    this.change("bpf_map__set_autoattach", "autoattach", autoattach);
  }

  /** @internal */
  attachAuto(): Link | undefined {
    return this.#attach(true);
  }

  #attach(auto: boolean): Link | undefined {
    const { session } = this;
    const handle = callLibbpf(session, "bpf_map__attach_struct_ops", this.name, () =>
      session.native.attachStructOps(session.object, this.index, auto),
    );
    return handle === null ? undefined : new Link(session, handle, this.name);
  }
}
