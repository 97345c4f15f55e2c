// What the addon's files share.
//
// Every function that is exported to JavaScript is a plain function that takes opaque handles. It never throws: where
// it fails it returns a negative errno, and the TypeScript runtime finds the words for it. For a handle that was closed
// it returns -EBADF. Except for libbpf's own, and the list of the programs in the addon, which does not change, there is
// no state outside of the handles, so that any number of threads can each load the addon.
//
// The comment above such a function begins with its arguments in parentheses and, after an arrow, its result.
#pragma once

#ifndef NAPI_VERSION
#define NAPI_VERSION 9
#endif
#define NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS
#define NODE_ADDON_API_DISABLE_DEPRECATED

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <napi.h>

#include <algorithm>
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

// Returned if the libbpf that this addon was built with is too old for a call. It says which version is needed, as
// major * 100 + minor, and lies outside of the ranges of errno and of libbpf's own errors (4000 to 4013).
constexpr int kNeedsLibbpf = -100000;
constexpr int NeedsLibbpf(int major, int minor) { return kNeedsLibbpf - (major * 100 + minor); }

// BPF_MAP_TYPE_ARENA of linux/bpf.h. The headers of a libbpf before 1.4 have no such type.
constexpr int kArena = 33;

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
void DefineStream(Napi::Env env, Napi::Object exports);
void DefineHandover(Napi::Env env, Napi::Object exports);
void DefineTrial(Napi::Env env, Napi::Object exports);
void DefinePrivileges(Napi::Env env, Napi::Object exports);

// The handle of a link. The link is destroyed at the latest when its object is closed, because libbpf's link refers to
// the object. libbpf makes no link of a descriptor: one that another process has handed over is `descriptor` alone, which
// is -1 for all others.
struct Object;
struct Link {
  bpf_link* link;
  Object* owner;
  int descriptor;
};

// An opened skeleton.
struct Object {
  // What bpftool's skeleton made, and what frees it.
  void* self;
  void (*destroy)(void* self);
  bpf_object_skeleton* skeleton;
  std::vector<bpf_program*> progs;
  std::vector<bpf_map*> maps;
  std::unordered_set<Link*> links;
};

// These find the object, and the program or map with an index in it. They return null if the object is closed or has
// nothing with that index.
Object* OpenObject(const Napi::Value& object);
bpf_program* ProgramAt(const Napi::Value& object, const Napi::Value& index);
bpf_map* MapAt(const Napi::Value& object, const Napi::Value& index);

int DestroyLink(Link* link);
Napi::Value WrapLink(Napi::Env env, Object* owner, bpf_link* link);
Napi::Value WrapDescriptor(Napi::Env env, Object* owner, int descriptor);

// Returns the handle that an argument is, or null if it is no handle.
template <class T>
T* Handle(const Napi::Value& value) {
  void* data = nullptr;
  napi_get_value_external(value.Env(), value, &data);
  return static_cast<T*>(data);
}

// A struct of options for libbpf. libbpf checks that the bytes it does not know are zero, padding among them. They are
// zero here, and because a copy need not keep the padding, this cannot be copied.
template <class T>
struct Opts : T {
  Opts() {
    memset(static_cast<T*>(this), 0, sizeof(T));
    this->sz = sizeof(T);
  }
  Opts(const Opts&) = delete;
};

inline Napi::Value Int(Napi::Env env, int64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

// Answers a call for something that was closed.
inline Napi::Value Closed(Napi::Env env) { return Int(env, -EBADF); }

// These read arguments and options. If the value is absent, or of another type, they return the default.
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

// Returns null for an empty string, because libbpf takes null for a string that was not given.
inline const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }
