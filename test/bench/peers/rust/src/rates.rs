//! Reads events as they come: RingBuffer::poll and PerfBuffer::poll in a loop.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use libbpf_rs::{ErrorKind, MapCore, MapFlags, Object, PerfBufferBuilder, RingBufferBuilder};

use crate::{Event, RATES_SIZE, clock, map, open, program, say};

static OVER: AtomicBool = AtomicBool::new(false);
const PAGE: usize = 4096;

extern "C" fn end(_: libc::c_int) {
    OVER.store(true, Ordering::Relaxed);
}

struct Reading {
    received: u64,
    sum: u64,
    /// How many events come before those whose latency counts.
    skip: u64,
    latencies: Vec<u64>,
}

impl Reading {
    fn see(&mut self, sample: &[u8]) {
        let (fields, timestamp) = Event::fields(sample);
        self.received += 1;
        self.sum += fields;
        if self.received > self.skip && self.latencies.len() < self.latencies.capacity() {
            self.latencies.push(clock(libc::CLOCK_MONOTONIC) - timestamp);
        }
    }

    /// In microseconds; the latencies are in order.
    fn percentile(&self, part: f64) -> f64 {
        if self.latencies.is_empty() {
            return 0.0;
        }
        self.latencies[((self.latencies.len() - 1) as f64 * part) as usize] as f64 / 1e3
    }
}

/// ring|perf TARGET BURST SKIP LATENCIES
pub fn rates(path: &str, arguments: &[String]) {
    let ring = arguments[0] == "ring";
    let number = |at: usize| arguments[at].parse::<u64>().expect("a number");
    let settings = [number(1) as u32, number(2) as u32].map(u32::to_ne_bytes).concat();
    let mut object = open(path);
    for mut section in object.maps_mut() {
        if section.name().to_string_lossy().ends_with(".rodata") {
            section.set_initial_value(&settings).expect("the settings are set");
        }
    }
    // SAFETY: the handler only stores to an atomic.
    unsafe { libc::signal(libc::SIGTERM, end as *const () as libc::sighandler_t) };
    let object = object.load().expect("the object is loaded");
    let _link =
        program(&object, if ring { "to_ring" } else { "to_perf" }).attach().expect("the program is attached");
    // Room that was asked for is what the capacity is, for types of this size.
    let latencies = Vec::with_capacity(number(4) as usize);
    let reading = RefCell::new(Reading { received: 0, sum: 0, skip: number(3), latencies });
    if ring {
        read_ring(&object, &reading)
    } else {
        read_perf(&object, &reading)
    }

    let section =
        object.maps().find(|map| map.name().to_string_lossy().ends_with(".bss")).expect("there is a .bss");
    let counters = section.lookup(&0u32.to_ne_bytes(), MapFlags::ANY).expect("counters").expect("counters");
    let counter = |at: usize| u64::from_ne_bytes(counters[at..at + 8].try_into().expect("eight bytes"));
    let mut reading = reading.into_inner();
    reading.latencies.sort_unstable();
    say(&format!(
        "{{\"received\":{},\"sum\":{},\"produced\":{},\"dropped\":{},\"p50\":{:.3},\"p99\":{:.3}}}",
        reading.received,
        reading.sum,
        counter(0),
        counter(8),
        reading.percentile(0.5),
        reading.percentile(0.99),
    ));
}

fn read_ring(object: &Object, reading: &RefCell<Reading>) {
    let events = map(object, "rb");
    let mut builder = RingBufferBuilder::new();
    builder
        .add(&events, |sample| {
            reading.borrow_mut().see(sample);
            0
        })
        .expect("the ring is added");
    let buffer = builder.build().expect("the ring is opened");
    poll(|| buffer.poll(Duration::from_millis(100)));
    buffer.consume().expect("the rest is read");
}

fn read_perf(object: &Object, reading: &RefCell<Reading>) {
    let events = map(object, "pb");
    let buffer = PerfBufferBuilder::new(&events)
        .pages(RATES_SIZE / PAGE)
        .sample_cb(|_, sample: &[u8]| reading.borrow_mut().see(sample))
        // The kernel program has counted them too.
        .lost_cb(|_, _| {})
        .build()
        .expect("the rings are opened");
    poll(|| buffer.poll(Duration::from_millis(100)));
    buffer.consume().expect("the rest is read");
}

fn poll(read: impl Fn() -> libbpf_rs::Result<()>) {
    say("{\"ready\":true}");
    while !OVER.load(Ordering::Relaxed) {
        match read() {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("{error}"),
            _ => {}
        }
    }
}
