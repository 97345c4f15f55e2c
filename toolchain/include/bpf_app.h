/* SPDX-License-Identifier: MIT */
#ifndef BPF_APP_H
#define BPF_APP_H

/*
 * Declarations for the kernel side of an app. Include after <bpf/bpf_helpers.h>, and after <bpf/bpf_tracing.h> if
 * that is included too.
 *
 * What an event is
 *
 *   A ring buffer says it in its definition, and so may a perf event array:
 *
 *     struct {
 *             __uint(type, BPF_MAP_TYPE_RINGBUF);
 *             __uint(max_entries, 256 * 1024);
 *             __type(value, struct event);
 *     } rb SEC(".maps");
 *
 *   The kernel wants no value size there; the runtime clears it before load. A definition that must stay as it is, for
 *   other loaders too, is followed by
 *
 *     BPF_APP_EVENT(events, struct event);
 *
 *   It makes a function that nothing calls and libbpf never loads, for its parameter's type alone. The build fails if
 *   there is no such map, or if the map's definition says something else.
 *
 * What did not fit
 *
 *     BPF_APP_DROPS(rb);
 *     ...
 *     struct event *e = bpf_app_reserve(rb, sizeof(*e));
 *     if (!e)
 *             return 0;
 *     ...
 *     bpf_ringbuf_submit(e, 0);
 *
 *   bpf_app_reserve is bpf_ringbuf_reserve that counts its failures in the global BPF_APP_DROPS declares; user space
 *   reads it as `map.dropped`, without a system call. bpf_app_output does the same for bpf_ringbuf_output.
 */

#define BPF_APP_EVENT(map, ...)                                                       \
	_Static_assert(sizeof(map) > 0, "BPF_APP_EVENT follows the map it is about"); \
	__attribute__((weak)) int bpf_app_event__##map(__VA_ARGS__ *event);           \
	__attribute__((weak)) int bpf_app_event__##map(__VA_ARGS__ *event)            \
	{                                                                             \
		return event != (void *)0;                                            \
	}                                                                             \
	_Static_assert(1, "")

/* Weak, so that every file of a linked object may declare it. */
#define BPF_APP_DROPS(map)                                                            \
	_Static_assert(sizeof(map) > 0, "BPF_APP_DROPS follows the map it is about"); \
	__attribute__((weak)) unsigned long long map##__dropped

#define bpf_app_reserve(map, size)                                         \
	({                                                                 \
		void *bpf_app_record = bpf_ringbuf_reserve(&map, size, 0); \
		if (!bpf_app_record)                                       \
			(void)__sync_fetch_and_add(&map##__dropped, 1);    \
		bpf_app_record;                                            \
	})

#define bpf_app_output(map, data, size)                                       \
	({                                                                    \
		long bpf_app_error = bpf_ringbuf_output(&map, data, size, 0); \
		if (bpf_app_error)                                            \
			(void)__sync_fetch_and_add(&map##__dropped, 1);       \
		bpf_app_error;                                                \
	})

/*
 * libbpf has these since 1.2; Debian 12 packages 1.1. A user-space function hands over its arguments in the same
 * registers as a kernel function, so they are other names for the same macros.
 */
#if defined(BPF_KPROBE) && !defined(BPF_UPROBE)
#define BPF_UPROBE(name, args...) BPF_KPROBE(name, ##args)
#define BPF_URETPROBE(name, args...) BPF_KRETPROBE(name, ##args)
#endif

#endif
