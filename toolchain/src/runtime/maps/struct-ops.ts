import { StateError } from "../errors.ts";
import { Link } from "../link.ts";
import { callAttach } from "../session.ts";
import { BpfMap } from "./map.ts";

/** A map of type struct_ops: a table of programs that the kernel calls. */
export class StructOpsMap extends BpfMap {
  /**
   * Puts the table in place. Needs Linux 5.6, and for a table in `SEC(".struct_ops.link")` 6.4.
   *
   * @returns the link, which is destroyed with the skeleton at the latest
   * @throws {@link StateError} if the map was left out of load
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attach(): Link {
    const link = this.#attach(false);
    if (link) return link;
    throw new StateError(
      "bpf_map__attach_struct_ops",
      `${this.name} was left out of load: there is no table`,
    );
  }

  /**
   * Sets whether the skeleton's `attach()` puts the table in place.
   *
   * @throws {@link StateError} once the skeleton is destroyed
   */
  setAutoAttach(autoattach: boolean): void {
    this.change("bpf_map__set_autoattach", "autoattach", autoattach);
  }

  /** @internal */
  attachAuto(): Link | undefined {
    return this.#attach(true);
  }

  #attach(auto: boolean): Link | undefined {
    const { session } = this;
    const handle = callAttach(session, "bpf_map__attach_struct_ops", this.name, () =>
      session.native.attachStructOps(session.object, this.index, auto),
    );
    return handle === null ? undefined : new Link(session, handle, this.name);
  }
}
