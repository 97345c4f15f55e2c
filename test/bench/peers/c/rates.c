// SPDX-License-Identifier: MIT
/* Reads events as they come, as the examples of libbpf-bootstrap do: ring_buffer__poll and perf_buffer__poll in a loop. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rival.h"

#define PAGE 4096

static volatile sig_atomic_t over;

static struct {
	uint64_t received;
	uint64_t sum;
	/* How many events come before those whose latency counts. */
	uint64_t skip;
	uint64_t *latencies;
	uint64_t room;
} state;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static int seen(void *context, void *data, size_t size)
{
	const struct event *event = data;
	const uint64_t at = state.received - state.skip;

	(void)context;
	(void)size;
	state.received++;
	state.sum += event->pid + event->duration;
	if (state.room > 0 && state.received > state.skip && at < state.room)
		state.latencies[at] = monotonic() - event->timestamp;
	return 0;
}

static void seen_perf(void *context, int cpu, void *data, __u32 size)
{
	(void)cpu;
	seen(context, data, size);
}

static void lost(void *context, int cpu, __u64 count)
{
	/* The kernel program has counted them too. */
	(void)context;
	(void)cpu;
	(void)count;
}

static void read_ring(int fd)
{
	struct ring_buffer *ring = ring_buffer__new(fd, seen, NULL, NULL);

	if (!ring)
		fail("ring_buffer__new");
	printf("{\"ready\":true}\n");
	fflush(stdout);
	while (!over) {
		const int count = ring_buffer__poll(ring, 100);

		if (count < 0 && count != -EINTR)
			fail("ring_buffer__poll");
	}
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
}

static void read_perf(int fd)
{
	struct perf_buffer *perf = perf_buffer__new(fd, RATES_SIZE / PAGE, seen_perf, lost, NULL, NULL);

	if (!perf)
		fail("perf_buffer__new");
	printf("{\"ready\":true}\n");
	fflush(stdout);
	while (!over) {
		const int count = perf_buffer__poll(perf, 100);

		if (count < 0 && count != -EINTR)
			fail("perf_buffer__poll");
	}
	perf_buffer__consume(perf);
	perf_buffer__free(perf);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* In microseconds. */
static double percentile(uint64_t count, double part)
{
	return count > 0 ? (double)state.latencies[(uint64_t)((double)(count - 1) * part)] / 1e3 : 0;
}

/* ring|perf TARGET BURST SKIP LATENCIES */
void rates(const char *path, char **argv)
{
	const bool ring = !strcmp(argv[0], "ring");
	struct bpf_object *object = open_object(path);
	struct settings *settings = section(object, ".rodata");

	settings->target = (__u32)atoi(argv[1]);
	settings->burst = (__u32)atoi(argv[2]);
	state.skip = strtoull(argv[3], NULL, 10);
	state.room = strtoull(argv[4], NULL, 10);
	state.latencies = calloc(state.room + 1, sizeof(*state.latencies));
	signal(SIGTERM, end);
	if (bpf_object__load(object))
		fail("bpf_object__load");
	struct bpf_program *program = bpf_object__find_program_by_name(object, ring ? "to_ring" : "to_perf");
	struct bpf_link *link = bpf_program__attach(program);

	if (!link)
		fail("bpf_program__attach");
	if (ring)
		read_ring(map_fd(object, "rb"));
	else
		read_perf(map_fd(object, "pb"));
	const struct counters *counters = section(object, ".bss");
	uint64_t count = state.received > state.skip ? state.received - state.skip : 0;

	if (count > state.room)
		count = state.room;
	qsort(state.latencies, count, sizeof(*state.latencies), ascending);
	printf("{\"received\":%lu,\"sum\":%lu,\"produced\":%llu,\"dropped\":%llu,\"p50\":%.3f,\"p99\":%.3f}\n",
	       state.received, state.sum, counters->produced, counters->dropped, percentile(count, 0.5),
	       percentile(count, 0.99));
	bpf_link__destroy(link);
	bpf_object__close(object);
}
