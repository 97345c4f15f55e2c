// What this machine's headers would have us take from glibc and libstdc++ versions newer than a target may have. These
// definitions are found first, so that an app built on Debian 12 runs on Debian 11 (glibc 2.31, GCC 10) too.
#include <features.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
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

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 38)
// Since 2.38 the headers send these functions to namesakes that also read C23's binary numbers, 0b11. libbpf and bpftool
// are written for the older ones. An assembler's name leads there past the header, which would send us back here.
#define HIDDEN extern "C" __attribute__((visibility("hidden")))
#define FORWARD(type, name)                                                                   \
  extern "C" type old_##name(const char* text, char** end, int base) noexcept __asm__(#name); \
  HIDDEN type __isoc23_##name(const char* text, char** end, int base) noexcept { return old_##name(text, end, base); }
FORWARD(long, strtol)
FORWARD(unsigned long, strtoul)
FORWARD(long long, strtoll)
FORWARD(unsigned long long, strtoull)
#undef FORWARD

extern "C" int old_vsscanf(const char* text, const char* format, va_list list) __asm__("__isoc99_vsscanf");
extern "C" int old_vfscanf(FILE* file, const char* format, va_list list) __asm__("__isoc99_vfscanf");

HIDDEN int __isoc23_sscanf(const char* text, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int count = old_vsscanf(text, format, list);
  va_end(list);
  return count;
}

HIDDEN int __isoc23_fscanf(FILE* file, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int count = old_vfscanf(file, format, list);
  va_end(list);
  return count;
}
#undef HIDDEN
#endif

#if defined(__GLIBCXX__) && __GNUC__ >= 11
// Since GCC 11 for arrays that are too large, before that std::bad_alloc.
void std::__throw_bad_array_new_length() { std::__throw_bad_alloc(); }
#endif
