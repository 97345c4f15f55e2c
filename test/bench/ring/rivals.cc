// What the runtime is compared with: libbpf's callback in C, the same callback made into a call of JavaScript with a
// copy of the event, and bpf_map_lookup_elem in a loop. Each says how long it took, in seconds.
#define NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <napi.h>

#include <cstring>
#include <ctime>

#include "ring.h"

namespace
{

// Processor time, as the app measures its own.
double Now()
{
	timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

int FdOf(const Napi::CallbackInfo &info)
{
	return info[0].As<Napi::Number>().Int32Value();
}

Napi::Value Result(Napi::Env env, double seconds, int count, uint64_t sum)
{
	Napi::Object result = Napi::Object::New(env);
	result.Set("seconds", seconds);
	result.Set("count", count);
	result.Set("sum", static_cast<double>(sum));
	return result;
}

template <class Callback>
Napi::Value Consume(const Napi::CallbackInfo &info, Callback callback, void *context, const uint64_t &sum)
{
	ring_buffer *ring = ring_buffer__new(FdOf(info), callback, context, nullptr);
	const double begun = Now();
	const int count = ring_buffer__consume(ring);
	const double seconds = Now() - begun;
	ring_buffer__free(ring);
	return Result(info.Env(), seconds, count, sum);
}

// (ring's fd)
Napi::Value ConsumeInC(const Napi::CallbackInfo &info)
{
	uint64_t sum = 0;
	const auto callback = [](void *context, void *data, size_t) -> int {
		const auto *event = static_cast<struct event *>(data);
		*static_cast<uint64_t *>(context) += event->pid + event->duration;
		return 0;
	};
	return Consume(info, static_cast<ring_buffer_sample_fn>(callback), &sum, sum);
}

// (ring's fd, function of an ArrayBuffer)
Napi::Value ConsumeNaively(const Napi::CallbackInfo &info)
{
	struct Context {
		Napi::Env env;
		Napi::Function callback;
	} context{ info.Env(), info[1].As<Napi::Function>() };
	const auto callback = [](void *data, void *bytes, size_t size) -> int {
		auto *context = static_cast<Context *>(data);
		Napi::HandleScope scope(context->env);
		Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(context->env, size);
		memcpy(copy.Data(), bytes, size);
		context->callback.Call({ copy });
		return 0;
	};
	const uint64_t sum = 0;
	return Consume(info, static_cast<ring_buffer_sample_fn>(callback), &context, sum);
}

// (hash's fd, number of keys, number of lookups)
Napi::Value Lookups(const Napi::CallbackInfo &info)
{
	const int fd = FdOf(info);
	const uint64_t keys = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
	const int64_t count = info[2].As<Napi::Number>().Int64Value();
	uint64_t sum = 0;
	const double begun = Now();
	for (int64_t i = 0; i < count; i++) {
		const uint64_t key = static_cast<uint64_t>(i) % keys;
		uint64_t value = 0;
		bpf_map_lookup_elem(fd, &key, &value);
		sum += value;
	}
	return Result(info.Env(), Now() - begun, static_cast<int>(count), sum);
}

Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	exports.Set("c", Napi::Function::New(env, ConsumeInC));
	exports.Set("naive", Napi::Function::New(env, ConsumeNaively));
	exports.Set("lookups", Napi::Function::New(env, Lookups));
	return exports;
}

} // namespace

NODE_API_MODULE(rivals, Init)
