// What can be done with a link once it exists.
#include "addon.h"

#include <unistd.h>

int DestroyLink(Link* link) {
  bpf_link* inner = link->link;
  const int descriptor = link->descriptor;
  link->link = nullptr;
  link->descriptor = -1;
  if (link->owner) link->owner->links.erase(link);
  link->owner = nullptr;
  if (descriptor >= 0) return close(descriptor) ? -errno : 0;
  return inner ? bpf_link__destroy(inner) : 0;
}

namespace {

Napi::Value Wrap(Napi::Env env, Link* wrapped) {
  if (wrapped->owner) wrapped->owner->links.insert(wrapped);
  return Napi::External<Link>::New(env, wrapped, [](Napi::Env, Link* data) {
    DestroyLink(data);
    delete data;
  });
}

}  // namespace

Napi::Value WrapLink(Napi::Env env, Object* owner, bpf_link* link) {
  if (!link) return Int(env, errno ? -errno : -EINVAL);
  return Wrap(env, new Link{link, owner, -1});
}

Napi::Value WrapDescriptor(Napi::Env env, Object* owner, int descriptor) {
  return Wrap(env, new Link{nullptr, owner, descriptor});
}

namespace {

// Answers for a link that was destroyed, so that the functions below are called only for links that exist.
template <int (*call)(Link&, const Napi::CallbackInfo&)>
Napi::Value OnLink(const Napi::CallbackInfo& info) {
  auto* link = Handle<Link>(info[0]);
  const bool exists = link && (link->link || link->descriptor >= 0);
  return exists ? Int(info.Env(), call(*link, info)) : Closed(info.Env());
}

Napi::Value LinkDestroy(const Napi::CallbackInfo& info) {
  auto* link = Handle<Link>(info[0]);
  return Int(info.Env(), link ? DestroyLink(link) : -EBADF);
}

int LinkFd(Link& link, const Napi::CallbackInfo&) { return link.link ? bpf_link__fd(link.link) : link.descriptor; }

int LinkDetach(Link& link, const Napi::CallbackInfo&) {
  return link.link ? bpf_link__detach(link.link) : bpf_link_detach(link.descriptor);
}

int LinkPin(Link& link, const Napi::CallbackInfo& info) {
  const std::string path = ToString(info[1]);
  return link.link ? bpf_link__pin(link.link, path.c_str()) : bpf_obj_pin(link.descriptor, path.c_str());
}

// A link that was handed over does not know where it was pinned.
int LinkUnpin(Link& link, const Napi::CallbackInfo&) { return link.link ? bpf_link__unpin(link.link) : -EINVAL; }

// As libbpf does it, the descriptor stays open: it is what keeps the program attached.
int LinkDisconnect(Link& link, const Napi::CallbackInfo&) {
  if (link.link) bpf_link__disconnect(link.link);
  link.descriptor = -1;
  return 0;
}

// (link, object, program)
int LinkUpdate(Link& link, const Napi::CallbackInfo& info) {
  bpf_program* prog = ProgramAt(info[1], info[2]);
  if (!prog) return -EBADF;
  if (link.link) return bpf_link__update_program(link.link, prog);
  return bpf_link_update(link.descriptor, bpf_program__fd(prog), nullptr);
}

Napi::Value LinkOpenPinned(const Napi::CallbackInfo& info) {
  return WrapLink(info.Env(), nullptr, bpf_link__open(ToString(info[0]).c_str()));
}

// (link of an iterator program) → descriptor of a file whose content is what the program writes, or -errno
int CreateIterator(Link& link, const Napi::CallbackInfo& info) { return bpf_iter_create(LinkFd(link, info)); }

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
