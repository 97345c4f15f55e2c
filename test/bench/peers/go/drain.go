package main

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
)

const ringEvents = (drainSize - 1) / recordSize

// Fills a ring and reads it twice: through a pointer into the record, and decoded to a struct.
func drain(spec *ebpf.CollectionSpec) {
	objects := must(ebpf.NewCollection(spec))
	defer objects.Close()
	reader := must(ringbuf.NewReader(objects.Maps["rb"]))
	defer reader.Close()
	// The ring is not waited for: it is full when it is read.
	reader.SetDeadline(time.Now().Add(-time.Second))
	fill := func() {
		must(objects.Programs["produce"].Run(&ebpf.RunOptions{Context: struct{ Count uint32 }{ringEvents}}))
	}
	answer(func() any {
		fill()
		inPlace, sum := readAll(reader, func(sample []byte) uint64 {
			e := (*event)(unsafe.Pointer(&sample[0]))
			return uint64(e.Pid) + e.Duration
		})
		fill()
		decoded, decodedSum := readAll(reader, func(sample []byte) uint64 {
			var e event
			must(binary.Decode(sample, binary.NativeEndian, &e))
			return uint64(e.Pid) + e.Duration
		})
		return map[string]any{
			"go_unsafe": inPlace, "go_decode": decoded, "count": ringEvents, "sum": sum, "decoded_sum": decodedSum,
		}
	})
}

func readAll(reader *ringbuf.Reader, read func(sample []byte) uint64) (seconds float64, sum uint64) {
	var record ringbuf.Record
	begun := used()
	for range ringEvents {
		check(reader.ReadInto(&record))
		sum += read(record.RawSample)
	}
	return used() - begun, sum
}
