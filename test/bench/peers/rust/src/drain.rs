//! Fills a ring and reads it, by RingBuffer::consume.

use std::cell::Cell;

use libbpf_rs::{ProgramInput, RingBufferBuilder};

use crate::{DRAIN_SIZE, Event, answer, map, open, program, used};

pub fn drain(path: &str) {
    let object = open(path).load().expect("the object is loaded");
    let produce = program(&object, "produce");
    let count = Cell::new(0u64);
    let sum = Cell::new(0u64);
    let events = map(&object, "rb");
    let mut builder = RingBufferBuilder::new();
    builder
        .add(&events, |sample| {
            count.set(count.get() + 1);
            sum.set(sum.get() + Event::fields(sample).0);
            0
        })
        .expect("the ring is added");
    let ring = builder.build().expect("the ring is opened");
    answer(|| {
        let mut work = (((DRAIN_SIZE - 1) / (size_of::<Event>() + 8)) as u32).to_ne_bytes();
        let input = ProgramInput { context_in: Some(&mut work), ..Default::default() };
        produce.test_run(input).expect("the ring is filled");
        count.set(0);
        sum.set(0);
        let begun = used();
        ring.consume().expect("the ring is read");
        format!("{{\"rust\":{:.9},\"count\":{},\"sum\":{}}}", used() - begun, count.get(), sum.get())
    });
}
