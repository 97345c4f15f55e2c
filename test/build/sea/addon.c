#include <node_api.h>

/* Says who it is (NAME), and how often this copy of it was initialised. */
static int loads;

NAPI_MODULE_INIT()
{
	napi_value name, count;

	napi_create_string_utf8(env, NAME, NAPI_AUTO_LENGTH, &name);
	napi_set_named_property(env, exports, "name", name);
	napi_create_int32(env, __atomic_add_fetch(&loads, 1, __ATOMIC_SEQ_CST), &count);
	napi_set_named_property(env, exports, "loads", count);
	return exports;
}
