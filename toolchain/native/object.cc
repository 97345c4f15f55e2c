// A skeleton's life: it is opened, described, adjusted, loaded and closed. JavaScript names a program by its index in
// the skeleton, and a map by its index in the object.
#include "addon.h"

namespace {

using OpenSkeleton = bpf_object_skeleton*(const bpf_object_open_opts* opts, void** self);
using DestroySkeleton = void(void* self);

// A program that was linked into this addon.
struct Skeleton {
  std::string name;
  OpenSkeleton* open;
  DestroySkeleton* destroy;
};

// The list is made when it is first asked for, because it is asked for by constructors, whose order the linker decides.
std::vector<Skeleton>& Skeletons() {
  static auto* skeletons = new std::vector<Skeleton>;
  return *skeletons;
}

}  // namespace

// The constructors of the generated files NAME.skel.c call this when the addon is loaded.
extern "C" void bpf_app_skeleton_add(const char* name, OpenSkeleton* open, DestroySkeleton* destroy) {
  Skeletons().push_back({name, open, destroy});
}

namespace {

template <class T>
const T* Item(const T* items, int size, int index) {
  return reinterpret_cast<const T*>(reinterpret_cast<const char*>(items) + static_cast<long>(size) * index);
}

void CloseObject(Object* object) {
  // DestroyLink takes the link out of the set.
  while (!object->links.empty()) DestroyLink(*object->links.begin());
  if (object->self) object->destroy(object->self);
  object->self = nullptr;
  object->progs.clear();
  object->maps.clear();
}

// (name, options) → object or -errno
Napi::Value ObjectOpen(const Napi::CallbackInfo& info) {
  const std::string name = ToString(info[0]);
  const Options options(info[1]);
  const std::string pin_root = options.String("pinRootPath"), kconfig = options.String("kconfig"),
                    btf = options.String("btfCustomPath"), token = options.String("tokenPath");
  Opts<bpf_object_open_opts> opts;
  opts.pin_root_path = OrNull(pin_root);
  opts.kconfig = OrNull(kconfig);
  opts.btf_custom_path = OrNull(btf);
  opts.kernel_log_level = static_cast<__u32>(options.Int("kernelLogLevel"));
  opts.relaxed_maps = options.Bool("relaxedMaps");
#if LIBBPF_AT_LEAST(1, 4)
  opts.bpf_token_path = options.At("tokenPath").IsString() ? token.c_str() : nullptr;
#else
  if (!token.empty()) return Int(info.Env(), NeedsLibbpf(1, 4));
#endif
  const auto& all = Skeletons();
  const auto skeleton = std::find_if(all.begin(), all.end(), [&](const Skeleton& one) { return one.name == name; });
  if (skeleton == all.end()) return Int(info.Env(), -ENOENT);
  auto* object = new Object{};
  object->destroy = skeleton->destroy;
  object->skeleton = skeleton->open(&opts, &object->self);
  if (!object->skeleton) {
    const int error = errno ? errno : EINVAL;
    delete object;
    return Int(info.Env(), -error);
  }
  const bpf_object_skeleton* s = object->skeleton;
  for (int i = 0; i < s->prog_cnt; i++) object->progs.push_back(*Item(s->progs, s->prog_skel_sz, i)->prog);
  // The skeleton's own list leaves out the maps whose names are no names in C.
  for (bpf_map* map = nullptr; (map = bpf_object__next_map(*s->obj, map));) object->maps.push_back(map);
  return Napi::External<Object>::New(info.Env(), object, [](Napi::Env, Object* data) {
    CloseObject(data);
    delete data;
  });
}

Napi::Value ObjectDestroy(const Napi::CallbackInfo& info) {
  if (auto* object = OpenObject(info[0])) CloseObject(object);
  return info.Env().Undefined();
}

Napi::Value ObjectLoad(const Napi::CallbackInfo& info) {
  const auto* object = OpenObject(info[0]);
  return object ? Int(info.Env(), bpf_object__load_skeleton(object->skeleton)) : Closed(info.Env());
}

// (object, program) → link, null or -errno
// Attaches the program as its section says. The result is null if the section says too little or if the program is not
// to be attached. What libbpf attaches is a skeleton with only this program, so that libbpf's own rules decide on that.
Napi::Value AttachAuto(const Napi::CallbackInfo& info) {
  auto* object = OpenObject(info[0]);
  if (!ProgramAt(info[0], info[1])) return Closed(info.Env());
  const bpf_object_skeleton* all = object->skeleton;
  bpf_link* link = nullptr;
  bpf_prog_skeleton prog = *Item(all->progs, all->prog_skel_sz, static_cast<int>(ToInt(info[1])));
  prog.link = &link;
  bpf_object_skeleton one = *all;
  one.map_cnt = 0;
  one.prog_cnt = 1;
  one.prog_skel_sz = sizeof prog;
  one.progs = &prog;
  const int error = bpf_object__attach_skeleton(&one);
  if (error) return Int(info.Env(), error);
  return link ? WrapLink(info.Env(), object, link) : info.Env().Null();
}

// (object, program) → link or -errno
// Attaches the program as its section says, because the app asks for this program.
Napi::Value AttachProgram(const Napi::CallbackInfo& info) {
  const bpf_program* prog = ProgramAt(info[0], info[1]);
  return prog ? WrapLink(info.Env(), OpenObject(info[0]), bpf_program__attach(prog)) : Closed(info.Env());
}

// (object, name) → index or -1
// A name that begins with a dot is the name of a data section.
Napi::Value MapIndex(const Napi::CallbackInfo& info) {
  const auto* object = OpenObject(info[0]);
  if (!object) return Closed(info.Env());
  const bpf_map* map = bpf_object__find_map_by_name(*object->skeleton->obj, ToString(info[1]).c_str());
  for (size_t i = 0; i < object->maps.size(); i++)
    if (object->maps[i] == map) return Int(info.Env(), static_cast<int64_t>(i));
  return Int(info.Env(), -1);
}

Napi::Value ProgIndex(const Napi::CallbackInfo& info) {
  const auto* object = OpenObject(info[0]);
  if (!object) return Closed(info.Env());
  const std::string name = ToString(info[1]);
  for (size_t i = 0; i < object->progs.size(); i++)
    if (name == bpf_program__name(object->progs[i])) return Int(info.Env(), static_cast<int64_t>(i));
  return Int(info.Env(), -1);
}

// The map's descriptor, or a negative number if there is no map. In place of a map that load left out, libbpf (1.4 and
// newer) keeps the descriptor of an empty file, and touching a page of that file would end the process. A map that was
// left out and replaced by another one does exist, and only the kernel can tell the two cases apart.
int MapFd(const bpf_map* map) {
  const int fd = bpf_map__fd(map);
  if (fd < 0 || bpf_map__autocreate(map)) return fd;
  bpf_map_info ignored;
  memset(&ignored, 0, sizeof ignored);
  __u32 length = sizeof ignored;
  return bpf_obj_get_info_by_fd(fd, &ignored, &length) ? -1 : fd;
}

Napi::Value MapInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(env);
  size_t size = 0;
  const bool initial = bpf_map__initial_value(map, &size) != nullptr;
  Napi::Object result = Napi::Object::New(env);
  result.Set("type", Int(env, bpf_map__type(map)));
  result.Set("keySize", Int(env, bpf_map__key_size(map)));
  result.Set("valueSize", Int(env, bpf_map__value_size(map)));
  result.Set("maxEntries", Int(env, bpf_map__max_entries(map)));
  result.Set("flags", Int(env, bpf_map__map_flags(map)));
  result.Set("fd", Int(env, MapFd(map)));
  result.Set("initialSize", Int(env, initial ? static_cast<int64_t>(size) : -1));
  result.Set("autocreate", Napi::Boolean::New(env, bpf_map__autocreate(map)));
  result.Set("pinned", Napi::Boolean::New(env, bpf_map__pin_path(map) != nullptr));
  return result;
}

// For a struct_ops map libbpf keeps data that other maps do not have, such as its programs and the kernel's type, and
// the map's type alone makes it look at them. A map that becomes a struct_ops map, or ceases to be one, would crash
// load.
int SetMapType(bpf_map* map, bpf_map_type type) {
  if ((type == BPF_MAP_TYPE_STRUCT_OPS) != (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)) return -EINVAL;
  return bpf_map__set_type(map, type);
}

// The map of a data section has one element, for which libbpf maps memory when it opens the object. When it closes the
// object it unmaps as much as max_entries says, which for any other number would not be its own memory alone.
int SetMaxEntries(bpf_map* map, __u32 entries) {
  size_t size = 0;
  const bool arena = static_cast<int>(bpf_map__type(map)) == kArena;
  if (entries != 1 && !arena && bpf_map__initial_value(map, &size)) return -EINVAL;
  return bpf_map__set_max_entries(map, entries);
}

// libbpf takes over the type and the sizes of the map that replaces this one, and does not check them. So the same
// rules hold for that map as for the two settings above.
int ReuseFd(bpf_map* map, int fd) {
  bpf_map_info other;
  memset(&other, 0, sizeof other);
  __u32 length = sizeof other;
  if (bpf_obj_get_info_by_fd(fd, &other, &length)) return -errno;
  if ((other.type == BPF_MAP_TYPE_STRUCT_OPS) != (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)) return -EINVAL;
  size_t size = 0;
  if (bpf_map__initial_value(map, &size) && (other.value_size != bpf_map__value_size(map) || other.max_entries != 1))
    return -EINVAL;
  return bpf_map__reuse_fd(map, fd);
}

Napi::Value MapSet(const Napi::CallbackInfo& info) {
  bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(info.Env());
  const std::string what = ToString(info[2]);
  const auto number = static_cast<__u32>(ToInt(info[3]));
  int error = -EINVAL;
  if (what == "maxEntries") error = SetMaxEntries(map, number);
  if (what == "valueSize") error = bpf_map__set_value_size(map, number);
  if (what == "keySize") error = bpf_map__set_key_size(map, number);
  if (what == "type") error = SetMapType(map, static_cast<bpf_map_type>(number));
  if (what == "flags") error = bpf_map__set_map_flags(map, number);
  if (what == "autocreate") error = bpf_map__set_autocreate(map, ToBool(info[3]));
  if (what == "reuseFd") error = ReuseFd(map, static_cast<int>(ToInt(info[3])));
  if (what == "pinPath") error = bpf_map__set_pin_path(map, OrNull(ToString(info[3])));
  if (what == "autoattach") {
#if LIBBPF_AT_LEAST(1, 5)
    error = bpf_map__set_autoattach(map, ToBool(info[3]));
#else
    error = NeedsLibbpf(1, 5);
#endif
  }
  return Int(info.Env(), error);
}

// (object, map, buffer, into) → 0 or -errno
// Before load, copies the initial contents of a data section from libbpf into the buffer, or back if `into` is true.
Napi::Value SectionCopy(const Napi::CallbackInfo& info) {
  bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(info.Env());
  size_t size = 0;
  // Before libbpf 1.5 this is a pointer to const, though what it points to is meant to be written until load.
  void* initial = const_cast<void*>(static_cast<const void*>(bpf_map__initial_value(map, &size)));
  Napi::ArrayBuffer buffer = info[2].As<Napi::ArrayBuffer>();
  if (!initial || buffer.ByteLength() < size) return Int(info.Env(), -EINVAL);
  const bool into = ToBool(info[3]);
  memcpy(into ? initial : buffer.Data(), into ? buffer.Data() : initial, size);
  return Int(info.Env(), 0);
}

// (object, map) → buffer or -errno
// The part of an arena that the object's globals lie in, from load on. Only the skeleton is told where that is. As for the
// arena itself, the buffer has to be detached before the object is closed.
Napi::Value ArenaGlobals(const Napi::CallbackInfo& info) {
  const auto* object = OpenObject(info[0]);
  const bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(info.Env());
  size_t size = 0;
  bpf_map__initial_value(map, &size);
  const bpf_object_skeleton* all = object->skeleton;
  for (int i = 0; i < all->map_cnt; i++) {
    const bpf_map_skeleton* item = Item(all->maps, all->map_skel_sz, i);
    if (*item->map != map || !item->mmaped || !*item->mmaped) continue;
    // Typed arrays of 64-bit numbers cover whole numbers only. What follows belongs to the same page.
    return Napi::ArrayBuffer::New(info.Env(), *item->mmaped, (size + 7) & ~size_t{7}, [](Napi::Env, void*) {});
  }
  return Int(info.Env(), -EINVAL);
}

// (object, map, whether the skeleton's attach() asks) → link, null or -errno
// Attaches a struct_ops map. The result is null if the map has another type or is not to be attached.
Napi::Value AttachStructOps(const Napi::CallbackInfo& info) {
  const bpf_map* map = MapAt(info[0], info[1]);
  if (!map) return Closed(info.Env());
  if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || !bpf_map__autocreate(map)) return info.Env().Null();
#if LIBBPF_AT_LEAST(1, 5)
  if (ToBool(info[2]) && !bpf_map__autoattach(map)) return info.Env().Null();
#else
  if (ToBool(info[2])) return info.Env().Null();
#endif
  return WrapLink(info.Env(), OpenObject(info[0]), bpf_map__attach_struct_ops(map));
}

template <class T>
T* At(const std::vector<T*>& list, const Napi::Value& index) {
  const int64_t i = ToInt(index, -1);
  return i >= 0 && static_cast<size_t>(i) < list.size() ? list[static_cast<size_t>(i)] : nullptr;
}

}  // namespace

Object* OpenObject(const Napi::Value& object) {
  auto* open = Handle<Object>(object);
  return open && open->self ? open : nullptr;
}

bpf_program* ProgramAt(const Napi::Value& object, const Napi::Value& index) {
  const auto* open = OpenObject(object);
  return open ? At(open->progs, index) : nullptr;
}

bpf_map* MapAt(const Napi::Value& object, const Napi::Value& index) {
  const auto* open = OpenObject(object);
  return open ? At(open->maps, index) : nullptr;
}

void DefineObject(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"open", ObjectOpen},
      {"destroy", ObjectDestroy},
      {"load", ObjectLoad},
      {"attachAuto", AttachAuto},
      {"attach", AttachProgram},
      {"mapIndex", MapIndex},
      {"progIndex", ProgIndex},
      {"mapInfo", MapInfo},
      {"mapSet", MapSet},
      {"sectionCopy", SectionCopy},
      {"arenaGlobals", ArenaGlobals},
      {"attachStructOps", AttachStructOps},
  };
  Define(env, exports, list, std::size(list));
}
