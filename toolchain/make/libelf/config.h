/*
 * elfutils' libelf is configured here, not by autoconf: glibc on Linux is the only target. No compression but zlib's
 * (USE_ZSTD is left out: objects of clang never have such sections, and libzstd would have to be linked too), no
 * locks (libbpf uses an Elf handle from one thread).
 */
#ifndef BPF_APP_LIBELF_CONFIG_H
#define BPF_APP_LIBELF_CONFIG_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#define HAVE_DECL_MEMPCPY 1
#define HAVE_DECL_MEMRCHR 1
#define HAVE_DECL_POWEROF2 1
#define HAVE_DECL_RAWMEMCHR 1
#define HAVE_DECL_REALLOCARRAY 1
#define HAVE_ERROR_H 1
#define HAVE_ERR_H 1
#define HAVE_GCC_STRUCT 1
#define HAVE_VISIBILITY 1
#define PACKAGE_NAME "elfutils"
#define SIZEOF_LONG 8

#include <eu-config.h>

#endif
