// SPDX-License-Identifier: GPL-2.0-only
/* From format files to field maps: every kind of field, by name and by position. */
#include <string.h>
#include <traceevent/event-parse.h>

#include "../../perf-ktap/events/provider.h"
#include "../lib/tap.h"

static const char text[] =
	"name: sample\nID: 300\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:s8 tiny;\toffset:8;\tsize:1;\tsigned:1;\n"
	"\tfield:u16 small;\toffset:10;\tsize:2;\tsigned:0;\n"
	"\tfield:int medium;\toffset:12;\tsize:4;\tsigned:1;\n"
	"\tfield:u64 large;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:const char * pointer;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:char comm[16];\toffset:32;\tsize:16;\tsigned:0;\n"
	"\tfield:__data_loc char[] path;\toffset:48;\tsize:4;\tsigned:0;\n"
	"\tfield:__rel_loc char[] rel;\toffset:52;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long args[6];\toffset:56;\tsize:48;\tsigned:0;\n"
	"\tfield:__data_loc int[] numbers;\toffset:104;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"%d\", REC->medium\n";

static const struct {
	const char *name;
	struct ktap_field want;
} fields[] = {
	{ "tiny", { 8, 1, KTAP_FK_INT, 1, 0 } },      { "small", { 10, 2, KTAP_FK_INT, 0, 0 } },
	{ "medium", { 12, 4, KTAP_FK_INT, 1, 0 } },   { "large", { 16, 8, KTAP_FK_INT, 0, 0 } },
	{ "pointer", { 24, 8, KTAP_FK_INT, 0, 0 } },  { "comm", { 32, 16, KTAP_FK_CHARS, 0, 0 } },
	{ "path", { 48, 4, KTAP_FK_DATALOC, 0, 0 } }, { "rel", { 52, 4, KTAP_FK_RELLOC, 0, 0 } },
	{ "args", { 56, 48, KTAP_FK_NONE, 0, 0 } },   { "numbers", { 104, 4, KTAP_FK_NONE, 0, 0 } },
};

static void count_field(void *ctx, const char *name, const char *type)
{
	(void)name;
	(void)type;
	++*(int *)ctx;
}

int main(void)
{
	struct tep_handle *tep = tep_alloc();
	struct tep_event *event;
	struct ktap_field got;
	int n = 0;

	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_long_size(tep, sizeof(long));
	event = pk_format_parse(tep, "sys", text, sizeof(text) - 1);
	if (!ok(event != NULL, "a format is parsed"))
		return done();
	is_int(event->id, 300, "its id");
	for (unsigned int i = 0; i < PK_ARRAY_SIZE(fields); i++) {
		pk_format_field(event, fields[i].name, 0, &got);
		ok(!memcmp(&got, &fields[i].want, sizeof(got)), "%s by name", fields[i].name);
		pk_format_field(event, NULL, i + 1, &got);
		ok(!memcmp(&got, &fields[i].want, sizeof(got)), "%s by position %u", fields[i].name,
		   i + 1);
	}
	pk_format_field(event, "common_pid", 0, &got);
	ok(got.kind == KTAP_FK_INT && got.offset == 4, "common_pid by name");
	pk_format_field(event, "nothing", 0, &got);
	is_int(got.kind, KTAP_FK_NONE, "no such name");
	pk_format_field(event, NULL, 11, &got);
	is_int(got.kind, KTAP_FK_NONE, "beyond the last position");
	pk_format_field(NULL, "medium", 0, &got);
	is_int(got.kind, KTAP_FK_NONE, "an event without a format");
	pk_format_each(event, count_field, &n);
	is_int(n, 10, "the common fields are not listed");
	ok(!pk_format_parse(tep, "sys", "rubbish", 7), "what is no format is refused");
	tep_free(tep);
	return done();
}
