// Attaching by hand. Each function stands for the one of libbpf with a similar name, and all of them have the same
// arguments: (object, program index, options) → link or -errno
#include "addon.h"

namespace {

struct Call {
  Napi::Env env;
  Object* object;
  const bpf_program* prog;
  Options options;

  explicit Call(const Napi::CallbackInfo& info)
      : env(info.Env()), object(OpenObject(info[0])), prog(ProgramAt(info[0], info[1])), options(info[2]) {}

  Napi::Value Done(bpf_link* link) const { return WrapLink(env, object, link); }
  [[maybe_unused]] Napi::Value Needs(int major, int minor) const { return ::Int(env, NeedsLibbpf(major, minor)); }
  int Int(const char* name, int64_t absent = 0) const { return static_cast<int>(options.Int(name, absent)); }
  __u32 U32(const char* name) const { return static_cast<__u32>(options.Int(name)); }
};

// Answers for a closed object and for a program that does not exist, so that the functions below are called only for
// programs that do.
template <Napi::Value (*attach)(const Call&)>
Napi::Value Attach(const Napi::CallbackInfo& info) {
  const Call call(info);
  return call.prog ? attach(call) : Closed(info.Env());
}

std::vector<const char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> list;
  for (const std::string& text : strings) list.push_back(text.c_str());
  return list;
}

template <class T>
const T* Data(const std::vector<T>& list) {
  return list.empty() ? nullptr : list.data();
}

static_assert(sizeof(unsigned long) == sizeof(__u64), "64-bit hosts only");
const unsigned long* Addresses(const std::vector<__u64>& list) {
  return reinterpret_cast<const unsigned long*>(Data(list));
}

Napi::Value Kprobe(const Call& call) {
  const std::string function = call.options.String("function");
  Opts<bpf_kprobe_opts> opts;
  opts.bpf_cookie = call.options.U64("cookie");
  opts.offset = call.options.U64("offset");
  opts.retprobe = call.options.Bool("retprobe");
#if LIBBPF_AT_LEAST(1, 2)
  opts.attach_mode = static_cast<probe_attach_mode>(call.Int("attachMode"));
#endif
  return call.Done(bpf_program__attach_kprobe_opts(call.prog, function.c_str(), &opts));
}

Napi::Value KprobeMulti(const Call& call) {
  const std::string pattern = call.options.String("pattern");
  const auto symbols = call.options.Strings("symbols");
  const auto names = Pointers(symbols);
  const auto addresses = call.options.U64s("addresses"), cookies = call.options.U64s("cookies");
  Opts<bpf_kprobe_multi_opts> opts;
  opts.syms = const_cast<const char**>(Data(names));
  opts.addrs = Addresses(addresses);
  opts.cookies = Data(cookies);
  opts.cnt = names.empty() ? addresses.size() : names.size();
  opts.retprobe = call.options.Bool("retprobe");
  if (call.options.Bool("session")) {
#if LIBBPF_AT_LEAST(1, 5)
    opts.session = true;
#else
    return call.Needs(1, 5);
#endif
  }
  return call.Done(bpf_program__attach_kprobe_multi_opts(call.prog, OrNull(pattern), &opts));
}

Napi::Value Ksyscall(const Call& call) {
  const std::string name = call.options.String("syscall");
  Opts<bpf_ksyscall_opts> opts;
  opts.bpf_cookie = call.options.U64("cookie");
  opts.retprobe = call.options.Bool("retprobe");
  return call.Done(bpf_program__attach_ksyscall(call.prog, name.c_str(), &opts));
}

Napi::Value Uprobe(const Call& call) {
  const std::string binary = call.options.String("binary"), function = call.options.String("function");
  Opts<bpf_uprobe_opts> opts;
  opts.func_name = OrNull(function);
  opts.bpf_cookie = call.options.U64("cookie");
  opts.ref_ctr_offset = call.options.U64("refCounterOffset");
  opts.retprobe = call.options.Bool("retprobe");
#if LIBBPF_AT_LEAST(1, 2)
  opts.attach_mode = static_cast<probe_attach_mode>(call.Int("attachMode"));
#endif
  return call.Done(bpf_program__attach_uprobe_opts(
      call.prog, call.Int("pid", -1), binary.c_str(), call.options.U64("offset"), &opts));
}

Napi::Value UprobeMulti(const Call& call) {
#if LIBBPF_AT_LEAST(1, 3)
  const std::string binary = call.options.String("binary"), pattern = call.options.String("pattern");
  const auto symbols = call.options.Strings("symbols");
  const auto names = Pointers(symbols);
  const auto offsets = call.options.U64s("offsets"), cookies = call.options.U64s("cookies"),
             counters = call.options.U64s("refCounterOffsets");
  Opts<bpf_uprobe_multi_opts> opts;
  opts.syms = const_cast<const char**>(Data(names));
  opts.offsets = Addresses(offsets);
  opts.ref_ctr_offsets = Addresses(counters);
  opts.cookies = Data(cookies);
  opts.cnt = names.empty() ? offsets.size() : names.size();
  opts.retprobe = call.options.Bool("retprobe");
  if (call.options.Bool("session")) {
#if LIBBPF_AT_LEAST(1, 6)
    opts.session = true;
#else
    return call.Needs(1, 6);
#endif
  }
  return call.Done(
      bpf_program__attach_uprobe_multi(call.prog, call.Int("pid", -1), binary.c_str(), OrNull(pattern), &opts));
#else
  return call.Needs(1, 3);
#endif
}

Napi::Value Usdt(const Call& call) {
  const std::string binary = call.options.String("binary"), provider = call.options.String("provider"),
                    name = call.options.String("name");
  Opts<bpf_usdt_opts> opts;
  opts.usdt_cookie = call.options.U64("cookie");
  return call.Done(
      bpf_program__attach_usdt(call.prog, call.Int("pid", -1), binary.c_str(), provider.c_str(), name.c_str(), &opts));
}

Napi::Value Tracepoint(const Call& call) {
  const std::string category = call.options.String("category"), name = call.options.String("name");
  Opts<bpf_tracepoint_opts> opts;
  opts.bpf_cookie = call.options.U64("cookie");
  return call.Done(bpf_program__attach_tracepoint_opts(call.prog, category.c_str(), name.c_str(), &opts));
}

Napi::Value RawTracepoint(const Call& call) {
  const std::string name = call.options.String("name");
#if LIBBPF_AT_LEAST(1, 4)
  Opts<bpf_raw_tracepoint_opts> opts;
  opts.cookie = call.options.U64("cookie");
  return call.Done(bpf_program__attach_raw_tracepoint_opts(call.prog, name.c_str(), &opts));
#else
  if (call.options.U64("cookie")) return call.Needs(1, 4);
  return call.Done(bpf_program__attach_raw_tracepoint(call.prog, name.c_str()));
#endif
}

Napi::Value Trace(const Call& call) {
  Opts<bpf_trace_opts> opts;
  opts.cookie = call.options.U64("cookie");
  return call.Done(bpf_program__attach_trace_opts(call.prog, &opts));
}

Napi::Value Lsm(const Call& call) { return call.Done(bpf_program__attach_lsm(call.prog)); }

// What the iterator goes through depends on the program's section: iter/bpf_map_elem takes {map: fd}, iter/cgroup takes
// {cgroup: fd, order}, iter/task and its like take {tid, pid, pidFd}. Other iterators take nothing.
Napi::Value Iter(const Call& call) {
  bpf_iter_link_info what;
  memset(&what, 0, sizeof what);
  Opts<bpf_iter_attach_opts> opts;
  opts.link_info = &what;
  opts.link_info_len = sizeof what;
  if (call.options.At("map").IsNumber()) {
    what.map.map_fd = call.U32("map");
  } else if (call.options.At("cgroup").IsNumber()) {
    what.cgroup.cgroup_fd = call.U32("cgroup");
    what.cgroup.order = static_cast<bpf_cgroup_iter_order>(call.Int("order"));
  } else if (call.options.At("tid").IsNumber() || call.options.At("pid").IsNumber() ||
             call.options.At("pidFd").IsNumber()) {
    what.task.tid = call.U32("tid");
    what.task.pid = call.U32("pid");
    what.task.pid_fd = call.U32("pidFd");
  } else {
    return call.Done(bpf_program__attach_iter(call.prog, nullptr));
  }
  return call.Done(bpf_program__attach_iter(call.prog, &opts));
}

Napi::Value PerfEvent(const Call& call) {
  Opts<bpf_perf_event_opts> opts;
  opts.bpf_cookie = call.options.U64("cookie");
  return call.Done(bpf_program__attach_perf_event_opts(call.prog, call.Int("fd"), &opts));
}

Napi::Value Xdp(const Call& call) { return call.Done(bpf_program__attach_xdp(call.prog, call.Int("ifindex"))); }

Napi::Value Netns(const Call& call) { return call.Done(bpf_program__attach_netns(call.prog, call.Int("fd"))); }

Napi::Value Sockmap(const Call& call) {
#if LIBBPF_AT_LEAST(1, 5)
  return call.Done(bpf_program__attach_sockmap(call.prog, call.Int("map")));
#else
  return call.Needs(1, 5);
#endif
}

Napi::Value Freplace(const Call& call) {
  const std::string function = call.options.String("function");
  return call.Done(bpf_program__attach_freplace(call.prog, call.Int("target"), OrNull(function)));
}

Napi::Value Netfilter(const Call& call) {
#if LIBBPF_AT_LEAST(1, 3)
  Opts<bpf_netfilter_opts> opts;
  opts.pf = call.U32("family");
  opts.hooknum = call.U32("hook");
  opts.priority = call.Int("priority");
  opts.flags = call.U32("flags");
  return call.Done(bpf_program__attach_netfilter(call.prog, &opts));
#else
  return call.Needs(1, 3);
#endif
}

// Reads the options that say where among the programs that are attached already this one goes:
// {flags, relativeFd, relativeId, expectedRevision}.
template <class T>
void Order(const Call& call, T& opts) {
  opts.flags = call.U32("flags");
  opts.relative_fd = call.U32("relativeFd");
  opts.relative_id = call.U32("relativeId");
  opts.expected_revision = call.options.U64("expectedRevision");
}

Napi::Value Tcx(const Call& call) {
#if LIBBPF_AT_LEAST(1, 3)
  Opts<bpf_tcx_opts> opts;
  Order(call, opts);
  return call.Done(bpf_program__attach_tcx(call.prog, call.Int("ifindex"), &opts));
#else
  return call.Needs(1, 3);
#endif
}

Napi::Value Netkit(const Call& call) {
#if LIBBPF_AT_LEAST(1, 3)
  Opts<bpf_netkit_opts> opts;
  Order(call, opts);
  return call.Done(bpf_program__attach_netkit(call.prog, call.Int("ifindex"), &opts));
#else
  return call.Needs(1, 3);
#endif
}

Napi::Value Cgroup(const Call& call) {
#if LIBBPF_AT_LEAST(1, 6)
  if (call.U32("flags") || call.U32("relativeFd") || call.U32("relativeId") || call.options.U64("expectedRevision")) {
    Opts<bpf_cgroup_opts> opts;
    Order(call, opts);
    return call.Done(bpf_program__attach_cgroup_opts(call.prog, call.Int("fd"), &opts));
  }
#else
  if (call.U32("flags")) return call.Needs(1, 6);
#endif
  return call.Done(bpf_program__attach_cgroup(call.prog, call.Int("fd")));
}

}  // namespace

void DefineAttach(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"attachKprobe", Attach<Kprobe>},
      {"attachKprobeMulti", Attach<KprobeMulti>},
      {"attachKsyscall", Attach<Ksyscall>},
      {"attachUprobe", Attach<Uprobe>},
      {"attachUprobeMulti", Attach<UprobeMulti>},
      {"attachUsdt", Attach<Usdt>},
      {"attachTracepoint", Attach<Tracepoint>},
      {"attachRawTracepoint", Attach<RawTracepoint>},
      {"attachTrace", Attach<Trace>},
      {"attachLsm", Attach<Lsm>},
      {"attachIter", Attach<Iter>},
      {"attachPerfEvent", Attach<PerfEvent>},
      {"attachXdp", Attach<Xdp>},
      {"attachNetns", Attach<Netns>},
      {"attachSockmap", Attach<Sockmap>},
      {"attachFreplace", Attach<Freplace>},
      {"attachNetfilter", Attach<Netfilter>},
      {"attachTcx", Attach<Tcx>},
      {"attachNetkit", Attach<Netkit>},
      {"attachCgroup", Attach<Cgroup>},
  };
  Define(env, exports, list, std::size(list));
}
