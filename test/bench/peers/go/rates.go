package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/perf"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"
)

// Counts events. The clock is read as Go programs read it, from memory that the kernel shares, and not by a system call.
type reading struct {
	received  uint64
	sum       uint64
	skip      uint64
	latencies []uint64
	begun     time.Time
	offset    uint64
}

func (r *reading) see(sample []byte) {
	e := (*event)(unsafe.Pointer(&sample[0]))
	r.received++
	r.sum += uint64(e.Pid) + e.Duration
	if r.received > r.skip && len(r.latencies) < cap(r.latencies) {
		now := r.offset + uint64(time.Since(r.begun))
		r.latencies = append(r.latencies, now-e.Timestamp)
	}
}

// In microseconds; the latencies are in order.
func (r *reading) percentile(part float64) float64 {
	if len(r.latencies) == 0 {
		return 0
	}
	return float64(r.latencies[int(float64(len(r.latencies)-1)*part)]) / 1e3
}

// ring|perf TARGET BURST SKIP LATENCIES
func rates(spec *ebpf.CollectionSpec, args []string) {
	ring := args[0] == "ring"
	number := func(at int) uint64 { return must(strconv.ParseUint(args[at], 10, 64)) }
	check(spec.Variables["settings"].Set(settings{uint32(number(1)), uint32(number(2))}))
	objects := must(ebpf.NewCollection(spec))
	defer objects.Close()
	program := map[bool]string{true: "to_ring", false: "to_perf"}[ring]
	attached := must(link.AttachRawTracepoint(link.RawTracepointOptions{
		Name:    "task_rename",
		Program: objects.Programs[program],
	}))
	defer attached.Close()

	var now unix.Timespec
	r := &reading{skip: number(3), latencies: make([]uint64, 0, number(4))}
	check(unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
	r.begun, r.offset = time.Now(), uint64(now.Nano())
	if ring {
		r.readRing(objects.Maps["rb"])
	} else {
		r.readPerf(objects.Maps["pb"])
	}

	var c counters
	check(objects.Variables["counters"].Get(&c))
	slices.Sort(r.latencies)
	say(map[string]any{
		"received": r.received, "sum": r.sum, "produced": c.Produced, "dropped": c.Dropped,
		"p50": r.percentile(0.5), "p99": r.percentile(0.99),
	})
}

// Calls `flush` once the process is told to end. What has come until then is still read.
func atEnd(flush func() error) {
	over := make(chan os.Signal, 1)
	signal.Notify(over, unix.SIGTERM)
	go func() {
		<-over
		check(flush())
	}()
	fmt.Println(`{"ready":true}`)
}

func (r *reading) readRing(events *ebpf.Map) {
	reader := must(ringbuf.NewReader(events))
	defer reader.Close()
	atEnd(reader.Flush)
	var record ringbuf.Record
	for {
		err := reader.ReadInto(&record)
		if errors.Is(err, ringbuf.ErrFlushed) {
			return
		}
		check(err)
		r.see(record.RawSample)
	}
}

func (r *reading) readPerf(events *ebpf.Map) {
	reader := must(perf.NewReader(events, ratesSize))
	defer reader.Close()
	atEnd(reader.Flush)
	var record perf.Record
	for {
		err := reader.ReadInto(&record)
		if errors.Is(err, perf.ErrFlushed) {
			return
		}
		check(err)
		if len(record.RawSample) > 0 {
			r.see(record.RawSample)
		}
	}
}
