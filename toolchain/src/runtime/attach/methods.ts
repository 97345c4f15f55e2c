import type { HasFd } from "../descriptor.ts";
import { type Attachment, type Link, Undo } from "../link.ts";
import { callLibbpf } from "../session.ts";
import { withCgroup } from "./cgroup.ts";
import { NetworkMethods } from "./network.ts";
import type { Interface, OrderOptions } from "./options.ts";

/**
 * The ways to attach a program by hand, which every {@link Program} has. What each returns detaches the program when it
 * is destroyed; the skeleton destroys it at the latest. Before `load()`, and after `destroy()`, each throws a
 * {@link StateError} or another {@link BpfError}.
 */
export abstract class AttachMethods extends NetworkMethods {
  /**
   * Attaches a program to a cgroup. The program's type and its expected attach type say to which of its hooks.
   *
   * @param path - the cgroup's directory, `/sys/fs/cgroup/…`
   * @throws {@link BpfError} with what libbpf or the kernel refused; with code `EBADF`, and words that say so, if the
   * directory is not that of a cgroup of version 2
   * @throws `Error` of Node's if the directory cannot be opened
   */
  attachCgroup(path: string, options: OrderOptions = {}): Link {
    const call = "bpf_program__attach_cgroup";
    return withCgroup(path, call, "v2", (fd) => this.link("attachCgroup", call, { ...options, fd }));
  }

  /**
   * Attaches a socket filter.
   *
   * @param where - a network interface, for which a raw packet socket is opened that sees its traffic and is closed with
   * the attachment; or a socket that is open already
   * @returns the attachment, with the socket's file descriptor
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachSocketFilter(where: Interface | HasFd): Attachment & HasFd {
    const { native } = this.session;
    const program = this.needFd("setsockopt(SO_ATTACH_BPF)");
    const own = typeof where !== "object";
    const subject = `${this.name} to ${own ? where : `socket ${where.fd}`}`;
    const fd = own
      ? callLibbpf<number>(this.session, "socket(AF_PACKET)", subject, () =>
          native.packetSocket(this.ifindex(where)),
        )
      : where.fd;
    try {
      callLibbpf(this.session, "setsockopt(SO_ATTACH_BPF)", subject, () => native.socketFilter(fd, program));
    } catch (error) {
      if (own) native.closeFd(fd);
      throw error;
    }
    const undo = new Undo(this.session, () => (own ? native.closeFd(fd) : native.socketFilter(fd, -1)));
    return Object.assign(undo, { fd });
  }

  /**
   * Attaches a sk_msg, sk_skb/stream_parser or sk_skb/stream_verdict program to a map of sockets.
   *
   * @param map - a sockmap or sockhash
   *
   * @throws {@link BpfError} with what libbpf or the kernel refused
   */
  attachSockmap(map: HasFd): Attachment {
    const { native } = this.session;
    const fd = this.needFd("bpf_prog_attach");
    const { expectedAttachType: type } = this.info;
    callLibbpf(this.session, "bpf_prog_attach", `${this.name} to a sockmap`, () =>
      native.progAttach(fd, map.fd, type, 0),
    );
    return new Undo(this.session, () => native.progDetach(fd, map.fd, type));
  }
}
