// What the addon's files share. Every function exported to JavaScript is a plain function over opaque handles; it
// returns a negative errno instead of throwing, and the TypeScript runtime words the error. A handle that was closed
// is answered with -EBADF. There is no state outside the handles but libbpf's own, so any number of threads may each
// load the addon.
#pragma once

#ifndef NAPI_VERSION
#define NAPI_VERSION 9
#endif
#define NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS
#define NODE_ADDON_API_DISABLE_DEPRECATED

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <napi.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <unordered_set>
#include <vector>

#define LIBBPF_AT_LEAST(major, minor) \
  (LIBBPF_MAJOR_VERSION > (major) || (LIBBPF_MAJOR_VERSION == (major) && LIBBPF_MINOR_VERSION >= (minor)))

using Method = Napi::Value (*)(const Napi::CallbackInfo&);

struct Export {
  const char* name;
  Method method;
};

// Returned for what the libbpf this addon was built with does not have; outside the range of errno and of libbpf's
// own 4000-4013. The second number is what would be needed, as major * 100 + minor.
constexpr int kNeedsLibbpf = -100000;
constexpr int NeedsLibbpf(int major, int minor) { return kNeedsLibbpf - (major * 100 + minor); }

void Define(Napi::Env env, Napi::Object exports, const Export* list, size_t count);

void DefineObject(Napi::Env env, Napi::Object exports);
void DefineAttach(Napi::Env env, Napi::Object exports);
void DefineLink(Napi::Env env, Napi::Object exports);
void DefineMap(Napi::Env env, Napi::Object exports);
void DefineMemory(Napi::Env env, Napi::Object exports);
void DefinePoll(Napi::Env env, Napi::Object exports);
void DefinePerf(Napi::Env env, Napi::Object exports);
void DefineNet(Napi::Env env, Napi::Object exports);
void DefineProgram(Napi::Env env, Napi::Object exports);

// A link on its way from libbpf to JavaScript. It dies with its object at the latest: libbpf's links refer to it.
struct Object;
struct Link {
  bpf_link* link;
  Object* owner;
};

// An opened skeleton.
struct Object {
  void* self;
  bpf_object_skeleton* skeleton;
  std::vector<bpf_program*> progs;
  std::vector<bpf_map*> maps;
  std::unordered_set<Link*> links;
};

// What an (object, index) pair of arguments names; null once the object is closed, and for an index that it does not
// have.
Object* OpenObject(const Napi::Value& object);
bpf_program* ProgramAt(const Napi::Value& object, const Napi::Value& index);
bpf_map* MapAt(const Napi::Value& object, const Napi::Value& index);

int DestroyLink(Link* link);
Napi::Value WrapLink(Napi::Env env, Object* owner, bpf_link* link);

// The handle behind an argument; null if the argument is none.
template <class T>
T* Handle(const Napi::Value& value) {
  void* data = nullptr;
  napi_get_value_external(value.Env(), value, &data);
  return static_cast<T*>(data);
}

// A libbpf options struct, zeroed with its padding, which libbpf checks; so it is never returned by value.
template <class T>
struct Opts : T {
  Opts() {
    memset(static_cast<T*>(this), 0, sizeof(T));
    this->sz = sizeof(T);
  }
  Opts(const Opts&) = delete;
};

inline Napi::Value Int(Napi::Env env, int64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

// The answer to a call on something that was closed.
inline Napi::Value Closed(Napi::Env env) { return Int(env, -EBADF); }

// Arguments and options. What is absent has the given default.
int64_t ToInt(const Napi::Value& value, int64_t absent = 0);
uint64_t ToU64(const Napi::Value& value, uint64_t absent = 0);
bool ToBool(const Napi::Value& value, bool absent = false);
std::string ToString(const Napi::Value& value);

class Options {
 public:
  explicit Options(const Napi::Value& value) : value_(value) {}
  Napi::Value At(const char* name) const;
  int64_t Int(const char* name, int64_t absent = 0) const { return ToInt(At(name), absent); }
  uint64_t U64(const char* name) const { return ToU64(At(name)); }
  bool Bool(const char* name) const { return ToBool(At(name)); }
  std::string String(const char* name) const { return ToString(At(name)); }
  std::vector<std::string> Strings(const char* name) const;
  std::vector<__u64> U64s(const char* name) const;

 private:
  Napi::Value value_;
};

// The string's characters, or null for an empty string: how libbpf spells "not given".
inline const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }
