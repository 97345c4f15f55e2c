// The elements of maps. A handle ties a map's file descriptor to a buffer that JavaScript uses too. The key lies at the
// buffer's start and the value behind it, so that a call passes no data.
#include "addon.h"

namespace {

struct Elements {
  // Once the map is closed this is -1, which the kernel answers with EBADF.
  int fd;
  uint8_t* key;
  uint8_t* value;
  uint8_t* next;
};

// The functions below are called for every element, so they read their arguments without any wrapper.
struct Arguments {
  // Used where the argument is no handle.
  Elements none{-1, nullptr, nullptr, nullptr};
  Elements* map = &none;
  uint32_t number = 0;
  Arguments(napi_env env, napi_callback_info info) {
    napi_value argv[2];
    size_t argc = 2;
    void* data = nullptr;
    napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
    napi_get_value_external(env, argv[0], &data);
    if (data) map = static_cast<Elements*>(data);
    napi_get_value_uint32(env, argv[1], &number);
  }
};

napi_value Result(napi_env env, int error) {
  napi_value value;
  napi_create_int32(env, error, &value);
  return value;
}

napi_value Lookup(napi_env env, napi_callback_info info) {
  const Arguments a(env, info);
  return Result(env,
                a.number ? bpf_map_lookup_elem_flags(a.map->fd, a.map->key, a.map->value, a.number)
                         : bpf_map_lookup_elem(a.map->fd, a.map->key, a.map->value));
}

napi_value LookupAndDelete(napi_env env, napi_callback_info info) {
  const Arguments a(env, info);
  return Result(env, bpf_map_lookup_and_delete_elem_flags(a.map->fd, a.map->key, a.map->value, a.number));
}

napi_value Update(napi_env env, napi_callback_info info) {
  const Arguments a(env, info);
  return Result(env, bpf_map_update_elem(a.map->fd, a.map->key, a.map->value, a.number));
}

napi_value Delete(napi_env env, napi_callback_info info) {
  const Arguments a(env, info);
  return Result(env, bpf_map_delete_elem(a.map->fd, a.map->key));
}

// Writes a key at `next`: the map's first key if `number` is 0, the one after the key in the buffer if it is 1.
napi_value NextKey(napi_env env, napi_callback_info info) {
  const Arguments a(env, info);
  return Result(env, bpf_map_get_next_key(a.map->fd, a.number ? a.map->key : nullptr, a.map->next));
}

// (fd, buffer, offset of the value, offset of the next key or -1 for a map without keys) → handle
// The handle keeps the buffer alive.
Napi::Value ElementsOpen(const Napi::CallbackInfo& info) {
  Napi::ArrayBuffer buffer = info[1].As<Napi::ArrayBuffer>();
  auto* data = static_cast<uint8_t*>(buffer.Data());
  const int64_t next = ToInt(info[3]);
  auto* map =
      new Elements{static_cast<int>(ToInt(info[0])), next < 0 ? nullptr : data, data + ToInt(info[2]), data + next};
  auto* keep = new Napi::Reference<Napi::ArrayBuffer>(Napi::Persistent(buffer));
  return Napi::External<Elements>::New(
      info.Env(),
      map,
      [](Napi::Env, Elements* data, Napi::Reference<Napi::ArrayBuffer>* keep) {
        delete data;
        delete keep;
      },
      keep);
}

// (handle)
// Called when the map's descriptor is closed, because its number may soon be that of another file.
Napi::Value ElementsClose(const Napi::CallbackInfo& info) {
  if (auto* map = Handle<Elements>(info[0])) map->fd = -1;
  return info.Env().Undefined();
}

// ("lookup" | "lookupAndDelete" | "update" | "delete", fd, {keys, values, count, in, out, flags}) → {error, count}
// `in` and `out` are the cursors of a lookup: where it starts, and where the next one has to start. A lookup that came
// to the end of the map has the error -ENOENT.
Napi::Value MapBatch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string what = ToString(info[0]);
  const int fd = static_cast<int>(ToInt(info[1]));
  const Options options(info[2]);
  const auto data = [&](const char* name) -> void* {
    const Napi::Value value = options.At(name);
    return value.IsArrayBuffer() ? value.As<Napi::ArrayBuffer>().Data() : nullptr;
  };
  void *keys = data("keys"), *values = data("values"), *in = data("in"), *out = data("out");
  auto count = static_cast<__u32>(options.Int("count"));
  Opts<bpf_map_batch_opts> opts;
  opts.elem_flags = options.U64("flags");
  int error = -EINVAL;
  if (what == "lookup") error = bpf_map_lookup_batch(fd, in, out, keys, values, &count, &opts);
  if (what == "lookupAndDelete") error = bpf_map_lookup_and_delete_batch(fd, in, out, keys, values, &count, &opts);
  if (what == "update") error = bpf_map_update_batch(fd, keys, values, &count, &opts);
  if (what == "delete") error = bpf_map_delete_batch(fd, keys, &count, &opts);
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", Int(env, error));
  result.Set("count", Int(env, count));
  return result;
}

// (path) → descriptor of what is pinned there: a map, a program or a link; or -errno
Napi::Value ObjectGet(const Napi::CallbackInfo& info) {
  return Int(info.Env(), bpf_obj_get(ToString(info[0]).c_str()));
}

// (fd) → {error, id, name, type, keySize, valueSize, maxEntries, flags, fd}
Napi::Value MapInfoByFd(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int fd = static_cast<int>(ToInt(info[0]));
  bpf_map_info map;
  memset(&map, 0, sizeof map);
  __u32 size = sizeof map;
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", Int(env, bpf_obj_get_info_by_fd(fd, &map, &size)));
  result.Set("id", Int(env, map.id));
  result.Set("name", Napi::String::New(env, map.name));
  result.Set("type", Int(env, map.type));
  result.Set("keySize", Int(env, map.key_size));
  result.Set("valueSize", Int(env, map.value_size));
  result.Set("maxEntries", Int(env, map.max_entries));
  result.Set("flags", Int(env, map.map_flags));
  result.Set("fd", Int(env, fd));
  return result;
}

Napi::Value ObjectPin(const Napi::CallbackInfo& info) {
  return Int(info.Env(), bpf_obj_pin(static_cast<int>(ToInt(info[0])), ToString(info[1]).c_str()));
}

// (type, name, keySize, valueSize, maxEntries, flags) → fd or -errno
// Makes an inner map for an array or a hash of maps.
Napi::Value MapCreate(const Napi::CallbackInfo& info) {
  Opts<bpf_map_create_opts> opts;
  opts.map_flags = static_cast<__u32>(ToInt(info[5]));
  const std::string name = ToString(info[1]);
  return Int(info.Env(),
             bpf_map_create(static_cast<bpf_map_type>(ToInt(info[0])),
                            OrNull(name),
                            static_cast<__u32>(ToInt(info[2])),
                            static_cast<__u32>(ToInt(info[3])),
                            static_cast<__u32>(ToInt(info[4])),
                            &opts));
}

// ("prog" | "map", id) → fd or -errno
// Whoever reads an array or a hash of maps gets the ids of its inner maps.
Napi::Value FdById(const Napi::CallbackInfo& info) {
  const auto id = static_cast<__u32>(ToInt(info[1]));
  return Int(info.Env(), ToString(info[0]) == "prog" ? bpf_prog_get_fd_by_id(id) : bpf_map_get_fd_by_id(id));
}

}  // namespace

void DefineMap(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"elementsOpen", ElementsOpen},
      {"elementsClose", ElementsClose},
      {"batch", MapBatch},
      {"objGet", ObjectGet},
      {"mapInfoByFd", MapInfoByFd},
      {"objPin", ObjectPin},
      {"mapCreate", MapCreate},
      {"fdById", FdById},
  };
  Define(env, exports, list, std::size(list));
  constexpr struct {
    const char* name;
    napi_callback call;
  } elements[] = {{"lookup", Lookup},
                  {"lookupAndDelete", LookupAndDelete},
                  {"update", Update},
                  {"delete", Delete},
                  {"nextKey", NextKey}};
  for (const auto& one : elements) {
    napi_value function;
    napi_create_function(env, one.name, NAPI_AUTO_LENGTH, one.call, nullptr, &function);
    napi_set_named_property(env, exports, one.name, function);
  }
}
