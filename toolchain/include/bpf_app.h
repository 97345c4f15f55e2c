/* SPDX-License-Identifier: MIT */
#ifndef BPF_APP_H
#define BPF_APP_H

/*
 * Declarations for the kernel side of an app. Include this file after <bpf/bpf_helpers.h>, and also after
 * <bpf/bpf_tracing.h> if you include that.
 *
 * Declaring the type of events
 *
 *   The definition of a ring buffer names the type of its events. A perf event array may do the same:
 *
 *     struct {
 *             __uint(type, BPF_MAP_TYPE_RINGBUF);
 *             __uint(max_entries, 256 * 1024);
 *             __type(value, struct event);
 *     } rb SEC(".maps");
 *
 *   The kernel refuses a value size for such a map, so the runtime clears it before the object is loaded. If the
 *   definition must not be changed, because other loaders use it as well, write this line after it. An integer of four
 *   bytes as the value of a perf event array may stay, since it is not the type of events:
 *
 *     BPF_APP_EVENT(events, struct event);
 *
 *   It makes a function that nobody calls and that libbpf never loads. Only the type of its parameter matters. The build
 *   fails if there is no such map, or if the map's definition names another type.
 *
 * Counting the events that found no room
 *
 *     BPF_APP_DROPS(rb);
 *     ...
 *     struct event *e = bpf_app_reserve(rb, sizeof(*e));
 *     if (!e)
 *             return 0;
 *     ...
 *     bpf_ringbuf_submit(e, 0);
 *
 *   bpf_app_reserve calls bpf_ringbuf_reserve, and counts the failed calls in the global that BPF_APP_DROPS declares.
 *   User space reads that global as `map.dropped`, without a system call. bpf_app_output does the same for
 *   bpf_ringbuf_output.
 */

#define BPF_APP_EVENT(map, ...)                                                                   \
	_Static_assert(sizeof(map) > 0, "BPF_APP_EVENT has to follow the definition of its map"); \
	__attribute__((weak)) int bpf_app_event__##map(__VA_ARGS__ *event);                       \
	__attribute__((weak)) int bpf_app_event__##map(__VA_ARGS__ *event)                        \
	{                                                                                         \
		return event != (void *)0;                                                        \
	}                                                                                         \
	_Static_assert(1, "")

/* The global is weak, so that every file of a linked object may declare it. */
#define BPF_APP_DROPS(map)                                                                        \
	_Static_assert(sizeof(map) > 0, "BPF_APP_DROPS has to follow the definition of its map"); \
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
 * libbpf has these two macros since version 1.2, and Debian 12 has version 1.1. Functions in user space and in the
 * kernel get their arguments in the same registers, so both are just other names for the macros of kprobes.
 */
#if defined(BPF_KPROBE) && !defined(BPF_UPROBE)
#define BPF_UPROBE(name, args...) BPF_KPROBE(name, ##args)
#define BPF_URETPROBE(name, args...) BPF_KRETPROBE(name, ##args)
#endif

#endif
