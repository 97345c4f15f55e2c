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
 *
 * Printing
 *
 *     bpf_app_print("opened by %d", pid);
 *
 *   User space reads the line as `skel.progs.NAME.stdout`. It goes to the program's own stream where the kernel has such
 *   (Linux 6.17), and to the trace pipe, as by bpf_printk, where it has none. A newline is added. What the format may hold
 *   is what bpf_trace_vprintk(7) allows; for more than three values it needs Linux 5.16. A stream holds 100,000 bytes:
 *   what finds no room in it is lost, and the macro's value is then negative. Only programs whose licence is compatible
 *   with the GPL may use it, because of bpf_printk.
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
 * The kernel's function for streams. Linux 6.17 has it with a fifth argument that is always NULL, 6.18 and 6.19 have that
 * under another name, and since 7.0 it has four arguments. libbpf takes off what follows the three underscores, and leaves
 * out what the kernel does not have with these arguments.
 */
#define BPF_APP_KFUNC __attribute__((weak, section(".ksyms")))
extern int bpf_stream_vprintk___four(int stream, const char *format, const void *args, unsigned int size) BPF_APP_KFUNC;
extern int bpf_stream_vprintk___five(int stream, const char *format, const void *args, unsigned int size,
				     void *aux) BPF_APP_KFUNC;
extern int bpf_stream_vprintk_impl___five(int stream, const char *format, const void *args, unsigned int size,
					  void *aux) BPF_APP_KFUNC;

#define bpf_app_print(format, values...)                                                                            \
	({                                                                                                          \
		static const char bpf_app_line[] = format "\n";                                                     \
		unsigned long long bpf_app_values[___bpf_narg(values)];                                             \
		long bpf_app_error;                                                                                 \
		_Pragma("GCC diagnostic push");                                                                     \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"");                                             \
		___bpf_fill(bpf_app_values, values);                                                                \
		_Pragma("GCC diagnostic pop");                                                                      \
		if (bpf_stream_vprintk___four)                                                                      \
			bpf_app_error =                                                                             \
				bpf_stream_vprintk___four(1, bpf_app_line, bpf_app_values, sizeof(bpf_app_values)); \
		else if (bpf_stream_vprintk_impl___five)                                                            \
			bpf_app_error = bpf_stream_vprintk_impl___five(1, bpf_app_line, bpf_app_values,             \
								       sizeof(bpf_app_values), (void *)0);          \
		else if (bpf_stream_vprintk___five)                                                                 \
			bpf_app_error = bpf_stream_vprintk___five(1, bpf_app_line, bpf_app_values,                  \
								  sizeof(bpf_app_values), (void *)0);               \
		else                                                                                                \
			bpf_app_error = bpf_printk(format, ##values);                                               \
		bpf_app_error;                                                                                      \
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
