// Trials: whether a program that does nothing can be attached to what has a name in the running kernel. The link is
// closed at once. A list of names cannot tell this: what is listed may be refused, and says so only when it is tried.
#include "addon.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>

namespace {

// r0 = 0; exit
const bpf_insn kNothing[] = {
    {BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
    {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
};

// The kernel's types, and those of its modules, which are read when they are first asked for.
struct Types {
  btf* kernel = nullptr;
  bool complete = false;
  std::map<std::string, btf*> modules;

  ~Types() {
    // A module's types refer to the kernel's, which are freed last.
    for (const auto& entry : modules) btf__free(entry.second);
    btf__free(kernel);
  }

  void ReadModules() {
    if (complete) return;
    complete = true;
    DIR* folder = opendir("/sys/kernel/btf");
    if (!folder) return;
    while (const dirent* entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name == "vmlinux" || name[0] == '.') continue;
      if (btf* types = btf__load_module_btf(name.c_str(), kernel)) modules[name] = types;
    }
    closedir(folder);
  }
};

struct TypesHandle {
  Types* types;
};

Types* OpenTypes(const Napi::Value& value) {
  const auto* handle = Handle<TypesHandle>(value);
  return handle ? handle->types : nullptr;
}

Napi::Value TypesOpen(const Napi::CallbackInfo& info) {
  btf* kernel = btf__load_vmlinux_btf();
  if (!kernel) return Int(info.Env(), errno ? -errno : -ENOENT);
  auto* handle = new TypesHandle{new Types};
  handle->types->kernel = kernel;
  return Napi::External<TypesHandle>::New(info.Env(), handle, [](Napi::Env, TypesHandle* data) {
    delete data->types;
    delete data;
  });
}

Napi::Value TypesClose(const Napi::CallbackInfo& info) {
  if (auto* handle = Handle<TypesHandle>(info[0])) {
    delete handle->types;
    handle->types = nullptr;
  }
  return info.Env().Undefined();
}

const btf_type* Plain(const btf* types, __u32 id) {
  const btf_type* type = btf__type_by_id(types, id);
  while (type && (btf_is_mod(type) || btf_is_typedef(type))) type = btf__type_by_id(types, type->type);
  return type;
}

// The type of a member, also of one that is inside of a member without a name. Null if there is none.
const btf_type* Member(const btf* types, const btf_type* type, const std::string& name) {
  if (!type || !btf_is_composite(type)) return nullptr;
  const btf_member* member = btf_members(type);
  for (int i = 0; i < btf_vlen(type); i++, member++) {
    const std::string own = btf__name_by_offset(types, member->name_off);
    const btf_type* inner = Plain(types, member->type);
    if (own == name) return inner;
    if (!own.empty()) continue;
    if (const btf_type* found = Member(types, inner, name)) return found;
  }
  return nullptr;
}

bool HasPath(const btf* types, const btf_type* type, const std::vector<std::string>& path) {
  for (const std::string& name : path) {
    type = Member(types, type, name);
    if (!type) return false;
  }
  return true;
}

// Modules may define a struct of their own that has the name of another one, so each definition is looked at.
bool HasStruct(const btf* types, __u32 from, const std::string& name, const std::vector<std::string>& path) {
  for (__u32 id = from; id < btf__type_cnt(types); id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (btf_is_composite(type) && name == btf__name_by_offset(types, type->name_off) && HasPath(types, type, path))
      return true;
  }
  return false;
}

// (types, struct, names of members) → 1, 0 or -errno
// Whether the struct is there, and in it a member with the first name, in that one a member with the second, and so on.
Napi::Value TypesMember(const Napi::CallbackInfo& info) {
  Types* types = OpenTypes(info[0]);
  if (!types) return Closed(info.Env());
  const std::string name = ToString(info[1]);
  const std::vector<std::string> path = Options(info[2]).Strings("path");
  bool found = HasStruct(types->kernel, 1, name, path);
  if (!found) {
    types->ReadModules();
    for (const auto& entry : types->modules)
      found = found || HasStruct(entry.second, btf__type_cnt(types->kernel), name, path);
  }
  return Int(info.Env(), found);
}

// A descriptor of a module's types, which a program for a function of that module is loaded with; or -errno.
int ModuleFd(const std::string& module) {
  for (__u32 id = 0; !bpf_btf_get_next_id(id, &id);) {
    const int fd = bpf_btf_get_fd_by_id(id);
    if (fd < 0) {
      if (errno == ENOENT) continue;
      return -errno;
    }
    char name[64] = "";
    bpf_btf_info found;
    memset(&found, 0, sizeof found);
    found.name = reinterpret_cast<uintptr_t>(name);
    found.name_len = sizeof name;
    __u32 length = sizeof found;
    if (!bpf_obj_get_info_by_fd(fd, &found, &length) && found.kernel_btf && module == name) return fd;
    close(fd);
  }
  return errno == ENOENT ? -ENOENT : -errno;
}

// A BPF token of the BPF file system that is mounted on a path: programs are loaded with it in a user namespace. For an
// empty path there is none.
struct Token {
  int fd = 0;
  explicit Token(const std::string& path) {
#if LIBBPF_AT_LEAST(1, 4)
    if (path.empty()) return;
    const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    const int token = bpf_token_create(folder, nullptr);
    close(folder);
    if (token > 0) fd = token;
#else
    (void)path;
#endif
  }
  Token(const Token&) = delete;
  ~Token() {
    if (fd > 0) close(fd);
  }
  void Into(bpf_prog_load_opts& opts) const {
#if LIBBPF_AT_LEAST(1, 4)
    if (fd <= 0) return;
    opts.token_fd = static_cast<__u32>(fd);
    opts.prog_flags |= BPF_F_TOKEN_FD;
#else
    (void)opts;
#endif
  }
};

struct TraceTarget {
  __s32 id = -ENOENT;
  std::string module;
};

TraceTarget FindTarget(Types* types, const std::string& name, __u32 kind) {
  TraceTarget target;
  target.id = btf__find_by_name_kind(types->kernel, name.c_str(), kind);
  if (target.id > 0) return target;
  types->ReadModules();
  for (const auto& entry : types->modules) {
    target.id = btf__find_by_name_kind(entry.second, name.c_str(), kind);
    if (target.id > 0) {
      target.module = entry.first;
      return target;
    }
  }
  return target;
}

Napi::Value Told(Napi::Env env, const char* step, int error, const std::string& module, const char* log = "") {
  Napi::Object result = Napi::Object::New(env);
  result.Set("step", step);
  result.Set("error", Int(env, error));
  result.Set("module", module);
  result.Set("log", log);
  return result;
}

// (types, {type, attachType, flags, name, kind, attach, token}) → {step, error, module, log}
// Tries out what is attached through the kernel's own types. `name` is the name of the type there, and `kind` the
// number of its kind. An error says at which step it was: find, load or attach.
Napi::Value TryTrace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Types* types = OpenTypes(info[0]);
  if (!types) return Told(env, "find", -EBADF, "");
  const Options options(info[1]);
  const TraceTarget target = FindTarget(types, options.String("name"), static_cast<__u32>(options.Int("kind")));
  if (target.id <= 0) return Told(env, "find", -ENOENT, "");
  int module = 0;
  if (!target.module.empty()) {
    module = ModuleFd(target.module);
    if (module < 0) return Told(env, "module", module, target.module);
  }
  Opts<bpf_prog_load_opts> opts;
  opts.expected_attach_type = static_cast<bpf_attach_type>(options.Int("attachType"));
  opts.prog_flags = static_cast<__u32>(options.Int("flags"));
  opts.attach_btf_id = static_cast<__u32>(target.id);
  opts.attach_btf_obj_fd = static_cast<__u32>(module);
  char log[4096] = "";
  opts.log_level = 1;
  opts.log_buf = log;
  opts.log_size = sizeof log;
  const Token token(options.String("token"));
  token.Into(opts);
  const int prog = bpf_prog_load(
      static_cast<bpf_prog_type>(options.Int("type")), nullptr, "GPL", kNothing, std::size(kNothing), &opts);
  const int load_error = prog < 0 ? -errno : 0;
  if (module > 0) close(module);
  if (prog < 0) return Told(env, "load", load_error, target.module, log);
  int error = 0;
  if (options.Bool("attach")) {
    const int link = bpf_raw_tracepoint_open(nullptr, prog);
    error = link < 0 ? -errno : 0;
    if (link >= 0) close(link);
  }
  close(prog);
  return Told(env, "attach", error, target.module);
}

// A descriptor of a program that does nothing, or -errno.
int LoadNothing(bpf_prog_type type, int attach_type, const std::string& token_path) {
  Opts<bpf_prog_load_opts> opts;
  const Token token(token_path);
  token.Into(opts);
  opts.expected_attach_type = static_cast<bpf_attach_type>(attach_type);
  const int fd = bpf_prog_load(type, nullptr, "GPL", kNothing, std::size(kNothing), &opts);
  return fd < 0 ? -errno : fd;
}

// (name, program type, token) → {step, error, module, log}
Napi::Value TryRawTracepoint(const Napi::CallbackInfo& info) {
  const int prog = LoadNothing(static_cast<bpf_prog_type>(ToInt(info[1])), 0, ToString(info[2]));
  if (prog < 0) return Told(info.Env(), "load", prog, "");
  const int link = bpf_raw_tracepoint_open(ToString(info[0]).c_str(), prog);
  const int error = link < 0 ? -errno : 0;
  if (link >= 0) close(link);
  close(prog);
  return Told(info.Env(), "attach", error, "");
}

// ({symbols, attachType, retprobe, token}) → {step, error, module, log}
Napi::Value TryKprobeMulti(const Napi::CallbackInfo& info) {
  const Options options(info[0]);
  const std::vector<std::string> symbols = options.Strings("symbols");
  const int attach_type = static_cast<int>(options.Int("attachType"));
  const int prog = LoadNothing(BPF_PROG_TYPE_KPROBE, attach_type, options.String("token"));
  if (prog < 0) return Told(info.Env(), "load", prog, "");
  std::vector<const char*> names;
  for (const std::string& name : symbols) names.push_back(name.c_str());
  Opts<bpf_link_create_opts> opts;
  opts.kprobe_multi.syms = names.data();
  opts.kprobe_multi.cnt = static_cast<__u32>(names.size());
  opts.kprobe_multi.flags = options.Bool("retprobe") ? BPF_F_KPROBE_MULTI_RETURN : 0;
  const int link = bpf_link_create(prog, 0, static_cast<bpf_attach_type>(attach_type), &opts);
  const int error = link < 0 ? -errno : 0;
  if (link >= 0) close(link);
  close(prog);
  return Told(info.Env(), "attach", error, "");
}

// ({type, function, offset, returns}) → 0 or -errno
// `type` is the number of the kernel's kprobe events, `returns` the bit in their config that asks for the return.
Napi::Value TryKprobe(const Napi::CallbackInfo& info) {
  const Options options(info[0]);
  const std::string name = options.String("function");
  perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = static_cast<__u32>(options.Int("type"));
  attr.config = options.U64("returns");
  attr.config1 = reinterpret_cast<uintptr_t>(name.c_str());
  attr.config2 = options.U64("offset");
  const long fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) return Int(info.Env(), -errno);
  close(static_cast<int>(fd));
  return Int(info.Env(), 0);
}

}  // namespace

void DefineTrial(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"typesOpen", TypesOpen},
      {"typesClose", TypesClose},
      {"typesMember", TypesMember},
      {"tryTrace", TryTrace},
      {"tryRawTracepoint", TryRawTracepoint},
      {"tryKprobeMulti", TryKprobeMulti},
      {"tryKprobe", TryKprobe},
  };
  Define(env, exports, list, std::size(list));
}
