// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes are a record stream: the reader shows what is well-formed and counts the rest.  Events
 * are of a format with a string, a __data_loc and a flags field, so their text is made, too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>

#include "../../perf-ktap/events/provider.h"
#include "../../perf-ktap/output/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char format[] =
	"name: sample\nID: 300\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long flags;\toffset:32;\tsize:8;\tsigned:0;\n\n"
	"print fmt: \"comm=%s name=%s flags=%s\", REC->comm, __get_str(name), "
	"__print_flags(REC->flags, \"|\", { 1, \"A\" }, { 2, \"B\" })\n";

static struct pk_out out = { .fd = -1, .error = 1 };
static struct pk_render render = { .ops = &pk_render_text, .out = &out };
static struct tep_event *event;

static bool point(void *ctx, __u32 number, struct pk_point_info *info)
{
	(void)ctx;
	if (number > 2)
		return false;
	info->system = number ? "sample" : "syscalls";
	info->name = number ? "sample" : "sys_enter_sample";
	info->format = number < 2 ? event : NULL;
	return true;
}

static void setup(void)
{
	render.tep = tep_alloc();
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_long_size(render.tep, sizeof(long));
	event = pk_format_parse(render.tep, "sample", format, sizeof(format) - 1);
	render.point = point;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_stream *stream;

	if (!render.tep)
		setup();
	stream = pk_stream_new(&render, NULL);
	pk_stream_bytes(stream, data, size);
	pk_stream_free(stream);
	return 0;
}
