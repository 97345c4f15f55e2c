// SPDX-License-Identifier: MIT
/* Writes, reads and empties whole maps, by batch calls and element by element. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rival.h"

/* How many elements a call reads. More at once are not faster, because they leave the processor's caches. */
#define BATCH 8192

static uint32_t *keys;
static uint64_t *values;

static double update(int fd, uint32_t entries)
{
	__u32 count = entries;
	const double begun = used();

	for (uint32_t i = 0; i < entries; i++) {
		keys[i] = i;
		values[i] = 2ULL * i;
	}
	if (bpf_map_update_batch(fd, keys, values, &count, NULL))
		fail("bpf_map_update_batch");
	return used() - begun;
}

static double delete(int fd)
{
	__u32 count = TABLE_ENTRIES;
	const double begun = used();

	for (uint32_t i = 0; i < TABLE_ENTRIES; i++)
		keys[i] = i;
	if (bpf_map_delete_batch(fd, keys, &count, NULL))
		fail("bpf_map_delete_batch");
	return used() - begun;
}

/* The values are those of `cpus` processors for each key. */
static double read_batch(int fd, int cpus, uint64_t *sum)
{
	uint64_t cursor;
	bool started = false;
	const double begun = used();

	*sum = 0;
	for (;;) {
		__u32 count = BATCH;
		const int error =
			bpf_map_lookup_batch(fd, started ? &cursor : NULL, &cursor, keys, values, &count, NULL);

		if (error && errno != ENOENT)
			fail("bpf_map_lookup_batch");
		for (uint32_t i = 0; i < count; i++) {
			*sum += keys[i];
			for (int cpu = 0; cpu < cpus; cpu++)
				*sum += values[i * (uint32_t)cpus + (uint32_t)cpu];
		}
		if (error)
			return used() - begun;
		started = true;
	}
}

static double read_each(int fd, int cpus, uint64_t *sum)
{
	uint32_t key, *last = NULL;
	const double begun = used();

	*sum = 0;
	while (!bpf_map_get_next_key(fd, last, &key)) {
		if (bpf_map_lookup_elem(fd, &key, values))
			fail("bpf_map_lookup_elem");
		*sum += key;
		for (int cpu = 0; cpu < cpus; cpu++)
			*sum += values[cpu];
		last = &key;
	}
	return used() - begun;
}

static void fill_per_cpu(int fd, int cpus)
{
	for (uint32_t i = 0; i < PER_CPU_ENTRIES; i++) {
		for (int cpu = 0; cpu < cpus; cpu++)
			values[cpu] = i + (uint64_t)cpu;
		if (bpf_map_update_elem(fd, &i, values, 0))
			fail("bpf_map_update_elem");
	}
}

void tables(const char *path)
{
	const int cpus = libbpf_num_possible_cpus();
	const size_t room = BATCH * (size_t)cpus > TABLE_ENTRIES ? BATCH * (size_t)cpus : TABLE_ENTRIES;
	struct bpf_object *object = open_object(path);

	keys = calloc(TABLE_ENTRIES, sizeof(*keys));
	values = calloc(room, sizeof(*values));
	if (bpf_object__load(object))
		fail("bpf_object__load");
	const int hash = map_fd(object, "hash"), hot = map_fd(object, "hot"), per_cpu = map_fd(object, "per_cpu");

	fill_per_cpu(per_cpu, cpus);
	update(hot, HOT_ENTRIES);
	while (asked()) {
		uint64_t sums[5];
		double often = 0;
		const double updated = update(hash, TABLE_ENTRIES);
		const double batch = read_batch(hash, 1, &sums[0]), each = read_each(hash, 1, &sums[1]);
		const double deleted = delete(hash);
		const double cpu_batch = read_batch(per_cpu, cpus, &sums[2]);
		const double cpu_each = read_each(per_cpu, cpus, &sums[3]);

		for (int i = 0; i < HOT_TIMES; i++)
			often += read_batch(hot, 1, &sums[4]);
		printf("{\"update\":%.9f,\"read\":%.9f,\"each\":%.9f,\"delete\":%.9f,\"cpu_read\":%.9f,"
		       "\"cpu_each\":%.9f,\"hot\":%.9f,\"sums\":[%lu,%lu,%lu,%lu,%lu]}\n",
		       updated, batch, each, deleted, cpu_batch, cpu_each, often, sums[0], sums[1], sums[2], sums[3],
		       sums[4]);
		fflush(stdout);
	}
	bpf_object__close(object);
}
