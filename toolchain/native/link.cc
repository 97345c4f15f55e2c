// What a link can do once it exists.
#include "addon.h"

int DestroyLink(Link* link) {
  if (!link->link) return 0;
  bpf_link* inner = link->link;
  link->link = nullptr;
  if (link->owner) link->owner->links.erase(link);
  link->owner = nullptr;
  return bpf_link__destroy(inner);
}

Napi::Value WrapLink(Napi::Env env, Object* owner, bpf_link* link) {
  if (!link) return Int(env, errno ? -errno : -EINVAL);
  auto* wrapped = new Link{link, owner};
  if (owner) owner->links.insert(wrapped);
  return Napi::External<Link>::New(env, wrapped, [](Napi::Env, Link* data) {
    DestroyLink(data);
    delete data;
  });
}

namespace {

bpf_link* InnerLink(const Napi::CallbackInfo& info) { return Handle<Link>(info[0])->link; }

Napi::Value LinkDestroy(const Napi::CallbackInfo& info) { return Int(info.Env(), DestroyLink(Handle<Link>(info[0]))); }

Napi::Value LinkDetach(const Napi::CallbackInfo& info) { return Int(info.Env(), bpf_link__detach(InnerLink(info))); }

Napi::Value LinkFd(const Napi::CallbackInfo& info) { return Int(info.Env(), bpf_link__fd(InnerLink(info))); }

Napi::Value LinkPin(const Napi::CallbackInfo& info) {
  return Int(info.Env(), bpf_link__pin(InnerLink(info), ToString(info[1]).c_str()));
}

Napi::Value LinkUnpin(const Napi::CallbackInfo& info) { return Int(info.Env(), bpf_link__unpin(InnerLink(info))); }

Napi::Value LinkDisconnect(const Napi::CallbackInfo& info) {
  bpf_link__disconnect(InnerLink(info));
  return info.Env().Undefined();
}

// (link, object, program)
Napi::Value LinkUpdate(const Napi::CallbackInfo& info) {
  bpf_program* prog = Handle<Object>(info[1])->progs.at(static_cast<size_t>(ToInt(info[2])));
  return Int(info.Env(), bpf_link__update_program(InnerLink(info), prog));
}

// (link, object, struct_ops map)
Napi::Value LinkUpdateMap(const Napi::CallbackInfo& info) {
#if LIBBPF_AT_LEAST(1, 2)
  const bpf_map* map = Handle<Object>(info[1])->maps.at(static_cast<size_t>(ToInt(info[2])));
  return Int(info.Env(), bpf_link__update_map(InnerLink(info), map));
#else
  return Int(info.Env(), NeedsLibbpf(1, 2));
#endif
}

Napi::Value LinkOpenPinned(const Napi::CallbackInfo& info) {
  return WrapLink(info.Env(), nullptr, bpf_link__open(ToString(info[0]).c_str()));
}

// A file descriptor that yields what the iterator program writes.
Napi::Value CreateIterator(const Napi::CallbackInfo& info) {
  return Int(info.Env(), bpf_iter_create(bpf_link__fd(InnerLink(info))));
}

}  // namespace

void DefineLink(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"linkDestroy", LinkDestroy},
      {"linkDetach", LinkDetach},
      {"linkFd", LinkFd},
      {"linkPin", LinkPin},
      {"linkUnpin", LinkUnpin},
      {"linkDisconnect", LinkDisconnect},
      {"linkUpdate", LinkUpdate},
      {"linkUpdateMap", LinkUpdateMap},
      {"linkOpen", LinkOpenPinned},
      {"iterCreate", CreateIterator},
  };
  Define(env, exports, list, std::size(list));
}
