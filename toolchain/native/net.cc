// The network's attachments that are no links: filters of traffic control, XDP programs set by netlink, and the filters
// of sockets.
#include "addon.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

void ReadHook(const Options& options, bpf_tc_hook& hook) {
  hook.ifindex = static_cast<int>(options.Int("ifindex"));
  hook.attach_point = static_cast<bpf_tc_attach_point>(options.Int("attachPoint"));
  hook.parent = static_cast<__u32>(options.Int("parent"));
}

void ReadFilter(const Options& options, bpf_tc_opts& filter) {
  filter.handle = static_cast<__u32>(options.Int("handle"));
  filter.priority = static_cast<__u32>(options.Int("priority"));
}

Napi::Value TcHookCreate(const Napi::CallbackInfo& info) {
  Opts<bpf_tc_hook> hook;
  ReadHook(Options(info[0]), hook);
  return Int(info.Env(), bpf_tc_hook_create(&hook));
}

Napi::Value TcHookDestroy(const Napi::CallbackInfo& info) {
  Opts<bpf_tc_hook> hook;
  ReadHook(Options(info[0]), hook);
  return Int(info.Env(), bpf_tc_hook_destroy(&hook));
}

// ({ifindex, attachPoint, parent, handle, priority, fd, replace}) → {handle, priority, progId} or -errno
// The result says what the kernel chose.
Napi::Value TcAttach(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Options options(info[0]);
  Opts<bpf_tc_hook> hook;
  ReadHook(options, hook);
  Opts<bpf_tc_opts> filter;
  ReadFilter(options, filter);
  filter.prog_fd = static_cast<int>(options.Int("fd"));
  filter.flags = options.Bool("replace") ? BPF_TC_F_REPLACE : 0;
  const int error = bpf_tc_attach(&hook, &filter);
  if (error) return Int(env, error);
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", Int(env, filter.handle));
  result.Set("priority", Int(env, filter.priority));
  result.Set("progId", Int(env, filter.prog_id));
  return result;
}

Napi::Value TcDetach(const Napi::CallbackInfo& info) {
  const Options options(info[0]);
  Opts<bpf_tc_hook> hook;
  ReadHook(options, hook);
  Opts<bpf_tc_opts> filter;
  ReadFilter(options, filter);
  return Int(info.Env(), bpf_tc_detach(&hook, &filter));
}

// (ifindex, program fd or -1 to detach, flags, fd of the program that is expected to be there) → 0 or -errno
Napi::Value XdpSet(const Napi::CallbackInfo& info) {
  Opts<bpf_xdp_attach_opts> opts;
  const int ifindex = static_cast<int>(ToInt(info[0])), fd = static_cast<int>(ToInt(info[1]));
  const auto flags = static_cast<__u32>(ToInt(info[2]));
  opts.old_prog_fd = static_cast<int>(ToInt(info[3], 0));
  return Int(info.Env(), fd < 0 ? bpf_xdp_detach(ifindex, flags, &opts) : bpf_xdp_attach(ifindex, fd, flags, &opts));
}

Napi::Value InterfaceIndex(const Napi::CallbackInfo& info) {
  const unsigned index = if_nametoindex(ToString(info[0]).c_str());
  return Int(info.Env(), index ? static_cast<int>(index) : -errno);
}

// (ifindex or 0 for all interfaces) → fd of a raw packet socket that does not block, or -errno
Napi::Value PacketSocket(const Napi::CallbackInfo& info) {
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (fd < 0) return Int(info.Env(), -errno);
  sockaddr_ll address;
  memset(&address, 0, sizeof address);
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(ToInt(info[0]));
  address.sll_protocol = htons(ETH_P_ALL);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return Int(info.Env(), fd);
  const int error = errno;
  close(fd);
  return Int(info.Env(), -error);
}

// (socket fd, program fd or -1 to detach) → 0 or -errno
Napi::Value SocketFilter(const Napi::CallbackInfo& info) {
  const int fd = static_cast<int>(ToInt(info[0]));
  int prog = static_cast<int>(ToInt(info[1]));
  const int error = setsockopt(fd, SOL_SOCKET, prog < 0 ? SO_DETACH_BPF : SO_ATTACH_BPF, &prog, sizeof prog);
  return Int(info.Env(), error ? -errno : 0);
}

}  // namespace

void DefineNet(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"tcHookCreate", TcHookCreate},
      {"tcHookDestroy", TcHookDestroy},
      {"tcAttach", TcAttach},
      {"tcDetach", TcDetach},
      {"xdpSet", XdpSet},
      {"ifindex", InterfaceIndex},
      {"packetSocket", PacketSocket},
      {"socketFilter", SocketFilter},
  };
  Define(env, exports, list, std::size(list));
}
