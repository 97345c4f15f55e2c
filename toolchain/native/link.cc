// What can be done with a link once it exists.
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

// Answers for a link that was destroyed, so that the functions below are called only for links that exist.
template <int (*call)(bpf_link*, const Napi::CallbackInfo&)>
Napi::Value OnLink(const Napi::CallbackInfo& info) {
  const auto* link = Handle<Link>(info[0]);
  return link && link->link ? Int(info.Env(), call(link->link, info)) : Closed(info.Env());
}

Napi::Value LinkDestroy(const Napi::CallbackInfo& info) {
  auto* link = Handle<Link>(info[0]);
  return Int(info.Env(), link ? DestroyLink(link) : -EBADF);
}

int LinkDetach(bpf_link* link, const Napi::CallbackInfo&) { return bpf_link__detach(link); }

int LinkFd(bpf_link* link, const Napi::CallbackInfo&) { return bpf_link__fd(link); }

int LinkPin(bpf_link* link, const Napi::CallbackInfo& info) { return bpf_link__pin(link, ToString(info[1]).c_str()); }

int LinkUnpin(bpf_link* link, const Napi::CallbackInfo&) { return bpf_link__unpin(link); }

int LinkDisconnect(bpf_link* link, const Napi::CallbackInfo&) {
  bpf_link__disconnect(link);
  return 0;
}

// (link, object, program)
int LinkUpdate(bpf_link* link, const Napi::CallbackInfo& info) {
  bpf_program* prog = ProgramAt(info[1], info[2]);
  return prog ? bpf_link__update_program(link, prog) : -EBADF;
}

Napi::Value LinkOpenPinned(const Napi::CallbackInfo& info) {
  return WrapLink(info.Env(), nullptr, bpf_link__open(ToString(info[0]).c_str()));
}

// (link of an iterator program) → descriptor of a file whose content is what the program writes, or -errno
int CreateIterator(bpf_link* link, const Napi::CallbackInfo&) { return bpf_iter_create(bpf_link__fd(link)); }

}  // namespace

void DefineLink(Napi::Env env, Napi::Object exports) {
  constexpr Export list[] = {
      {"linkDestroy", LinkDestroy},
      {"linkDetach", OnLink<LinkDetach>},
      {"linkFd", OnLink<LinkFd>},
      {"linkPin", OnLink<LinkPin>},
      {"linkUnpin", OnLink<LinkUnpin>},
      {"linkDisconnect", OnLink<LinkDisconnect>},
      {"linkUpdate", OnLink<LinkUpdate>},
      {"linkOpen", LinkOpenPinned},
      {"iterCreate", OnLink<CreateIterator>},
  };
  Define(env, exports, list, std::size(list));
}
