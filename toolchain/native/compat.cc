// What this machine's headers would have us take from glibc and libstdc++ versions newer than a target may have. These
// definitions are found first, so that an app built on Debian 12 runs on Debian 11 (glibc 2.31, GCC 10) too.
#include <features.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
// Functions of the C library since 2.33, before that inline ones in its header. libelf calls the first, libbpf, which
// is compiled for large files, the second.
extern "C" __attribute__((visibility("hidden"))) int fstat(int fd, struct stat* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}

extern "C" __attribute__((visibility("hidden"))) int fstat64(int fd, struct stat64* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}
#endif

#if defined(__GLIBCXX__) && __GNUC__ >= 11
// Since GCC 11 for arrays that are too large, before that std::bad_alloc.
void std::__throw_bad_array_new_length() { std::__throw_bad_alloc(); }
#endif
