package main

import (
	"errors"

	"github.com/cilium/ebpf"
)

// How many elements a call reads: as many as the rival in C.
const batch = 8192

// Writes, reads and empties whole maps, by batch calls and by Iterate.
func tables(spec *ebpf.CollectionSpec) {
	objects := must(ebpf.NewCollection(spec))
	defer objects.Close()
	hash, hot, perCPU := objects.Maps["hash"], objects.Maps["hot"], objects.Maps["per_cpu"]
	cpus := must(ebpf.PossibleCPU())
	fillPerCPU(perCPU, cpus)
	update(hot, hotEntries)
	answer(func() any {
		updated := update(hash, tableEntries)
		read, sum := readBatch(hash, 1)
		each, eachSum := readEach(hash)
		deleted := remove(hash)
		cpuRead, cpuSum := readBatch(perCPU, cpus)
		cpuEach, cpuEachSum := readEachPerCPU(perCPU)
		var often float64
		var hotSum uint64
		for range hotTimes {
			var seconds float64
			seconds, hotSum = readBatch(hot, 1)
			often += seconds
		}
		return map[string]any{
			"update": updated, "read": read, "each": each, "delete": deleted, "cpu_read": cpuRead, "cpu_each": cpuEach,
			"hot": often, "sums": []uint64{sum, eachSum, cpuSum, cpuEachSum, hotSum},
		}
	})
}

func fillPerCPU(perCPU *ebpf.Map, cpus int) {
	values := make([]uint64, cpus)
	for i := range uint32(perCPUEntries) {
		for cpu := range values {
			values[cpu] = uint64(i) + uint64(cpu)
		}
		check(perCPU.Put(i, values))
	}
}

func update(hash *ebpf.Map, entries int) float64 {
	begun := used()
	keys, values := make([]uint32, entries), make([]uint64, entries)
	for i := range keys {
		keys[i], values[i] = uint32(i), 2*uint64(i)
	}
	must(hash.BatchUpdate(keys, values, nil))
	return used() - begun
}

func remove(hash *ebpf.Map) float64 {
	begun := used()
	keys := make([]uint32, tableEntries)
	for i := range keys {
		keys[i] = uint32(i)
	}
	must(hash.BatchDelete(keys, nil))
	return used() - begun
}

func readBatch(table *ebpf.Map, cpus int) (seconds float64, sum uint64) {
	begun := used()
	keys, values := make([]uint32, batch), make([]uint64, batch*cpus)
	var cursor ebpf.MapBatchCursor
	for {
		count, err := table.BatchLookup(&cursor, keys, values, nil)
		if !errors.Is(err, ebpf.ErrKeyNotExist) {
			check(err)
		}
		for i := range count {
			sum += uint64(keys[i])
		}
		for _, value := range values[:count*cpus] {
			sum += value
		}
		if err != nil {
			return used() - begun, sum
		}
	}
}

func readEach(hash *ebpf.Map) (seconds float64, sum uint64) {
	begun := used()
	var key uint32
	var value uint64
	all := hash.Iterate()
	for all.Next(&key, &value) {
		sum += uint64(key) + value
	}
	check(all.Err())
	return used() - begun, sum
}

func readEachPerCPU(perCPU *ebpf.Map) (seconds float64, sum uint64) {
	begun := used()
	var key uint32
	var values []uint64
	all := perCPU.Iterate()
	for all.Next(&key, &values) {
		sum += uint64(key)
		for _, value := range values {
			sum += value
		}
	}
	check(all.Err())
	return used() - begun, sum
}
