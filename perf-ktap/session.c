// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run, stage by stage.  Each stage either succeeds or sets the exit status after a message; what
 * was reached is taken down in reverse whatever happened.  trace_end runs when main has run, unless
 * tracing could not start.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "disasm.h"
#include "engine/engine.h"
#include "points.h"
#include "signals.h"

#define POLL_MS 100

struct session {
	struct pk_run run; /* first: callbacks get its address */
	const struct pk_opts *opts;
	struct pk_events *events;
	struct pk_chunk chunk;
	struct pk_child child;
	struct pk_out out;
	struct pk_render render;
	const struct pk_engine *engine;
	enum ktap_vm_state state;
	int signals_seen; /* before main or trace_end began */
	bool script_failed; /* an error has been shown */
	bool main_done;
	__u64 flushed_ns;
};

static bool interrupted(struct pk_run *run)
{
	struct session *s = (struct session *)run;
	__u64 now = pk_now_ns();

	/* Output of a long main or trace_end shows while it runs. */
	if (now - s->flushed_ns > POLL_MS * 1000000ull) {
		s->flushed_ns = now;
		pk_out_flush(&s->out);
	}
	return pk_signals_count() > s->signals_seen || s->out.error;
}

static bool point_info(void *ctx, __u32 number, struct pk_point_info *info)
{
	const struct pk_run *run = ctx;
	const struct pk_probe *p;

	if (number >= run->nr_points)
		return false;
	p = run->points[number].probe;
	info->system = p->system;
	info->name = p->name;
	info->format = p->format;
	return true;
}

static void show_error(struct session *s, const struct ktap_rec_error *err)
{
	struct pk_buf text = { 0 };

	/* What the script printed before comes first. */
	pk_out_flush(&s->out);
	pk_error_script(&text, s->chunk.view, err);
	fputs(text.data, stderr);
	pk_buf_free(&text);
	s->script_failed = true;
}

static void on_error(void *ctx, const struct ktap_rec_error *err)
{
	show_error(ctx, err);
}

static int compile(struct session *s)
{
	const struct pk_opts *o = s->opts;
	bool needs_tracefs;

	s->events = pk_events_new();
	if (pk_source_load(&s->chunk, o->name, o->text, s->events, o->arg_base))
		return PK_EXIT_USAGE;
	if (o->listing)
		pk_disasm(stdout, s->chunk.view);
	fflush(stdout);
	s->run.chunk = &s->chunk;
	if (pk_points_resolve(&s->run, s->events, &needs_tracefs))
		return needs_tracefs ? PK_EXIT_ATTACH : PK_EXIT_USAGE;
	return PK_EXIT_OK;
}

static int open_output(struct session *s)
{
	const struct pk_stream_events events = { .error = on_error, .ctx = s };
	int ret = pk_out_open(&s->out, s->opts->output);

	if (ret) {
		pk_err("cannot write %s: %s", s->opts->output, strerror(-ret));
		return PK_EXIT_USAGE;
	}
	s->render.ops = &pk_render_text;
	s->render.out = &s->out;
	s->render.timestamps = s->opts->timestamps;
	s->render.view = s->chunk.view;
	s->render.tep = s->run.nr_points ? pk_events_tep(s->events) : NULL;
	s->render.point = point_info;
	s->render.point_ctx = &s->run;
	s->run.out = &s->out;
	s->run.stream = pk_stream_new(&s->render, &events);
	s->run.interrupted = interrupted;
	return PK_EXIT_OK;
}

static int prepare_command(struct session *s)
{
	int ret;

	if (!s->opts->cmd)
		return PK_EXIT_OK;
	ret = pk_child_prepare(&s->child, s->opts->cmd);
	if (ret) {
		pk_err("cannot start a process: %s", strerror(-ret));
		return PK_EXIT_ATTACH;
	}
	s->run.child = &s->child;
	return PK_EXIT_OK;
}

static int load(struct session *s)
{
	int ret;

	s->engine = pk_engine_choose(&s->run);
	if (!s->engine)
		return PK_EXIT_ATTACH;
	if (s->engine->open(&s->run))
		return PK_EXIT_ATTACH;
	ret = s->engine->load(&s->run);
	if (ret)
		return ret == -EBADMSG ? PK_EXIT_USAGE : PK_EXIT_ATTACH;
	return PK_EXIT_OK;
}

static int run_main(struct session *s)
{
	s->signals_seen = pk_signals_count();
	if (s->engine->main(&s->run, &s->state))
		return PK_EXIT_ATTACH;
	s->main_done = true;
	pk_out_flush(&s->out);
	return PK_EXIT_OK;
}

/* Whether tracing goes on. */
static bool going_on(struct session *s, int signals, __u64 end_ns)
{
	if (s->state != KTAP_VM_RUNNING || s->script_failed)
		return false;
	if (pk_signals_count() > signals || s->out.error)
		return false;
	if (s->run.child && pk_child_done(&s->child))
		return false;
	return !end_ns || pk_now_ns() < end_ns;
}

static int poll_time(__u64 end_ns)
{
	__u64 now = pk_now_ns();

	if (!end_ns || end_ns > now + POLL_MS * 1000000ull)
		return POLL_MS;
	return end_ns > now ? (int)((end_ns - now + 999999) / 1000000) : 0;
}

static int trace(struct session *s, int attached, int signals)
{
	int ret = 0;
	__u64 end_ns = 0;

	if (attached && s->engine->start(&s->run))
		return PK_EXIT_ATTACH;
	if (attached && !s->opts->quiet)
		fputs("Tracing... Hit Ctrl-C to end.\n", stderr);
	if (s->opts->duration_ns)
		end_ns = pk_now_ns() + s->opts->duration_ns;
	if (s->run.child && pk_child_start(&s->child)) {
		s->engine->stop(&s->run);
		s->main_done = false; /* as above */
		return s->child.done ? s->child.status : PK_EXIT_ATTACH;
	}
	while (!ret && going_on(s, signals, end_ns)) {
		ret = s->engine->wait(&s->run, poll_time(end_ns), &s->state);
		pk_out_flush(&s->out);
	}
	if (pk_signals_last())
		pk_verbose("ended by signal %d", pk_signals_last());
	if (ret)
		pk_err("reading events failed: %s", strerror(-ret));
	if (s->engine->stop(&s->run) || ret)
		return PK_EXIT_ATTACH;
	return PK_EXIT_OK;
}

static int attach_and_trace(struct session *s)
{
	int signals = pk_signals_count(), nr;

	if (s->state != KTAP_VM_RUNNING || s->script_failed)
		return PK_EXIT_OK;
	nr = s->run.nr_points ? s->engine->attach(&s->run) : 0;
	if (nr < 0) {
		s->main_done = false; /* nothing was traced: trace_end has nothing to say */
		return PK_EXIT_ATTACH;
	}
	if (nr)
		pk_verbose("%d events attached", nr);
	if (!nr && !s->run.child)
		return PK_EXIT_OK;
	return trace(s, nr, signals);
}

static void run_end(struct session *s)
{
	enum ktap_vm_state state;

	s->signals_seen = pk_signals_count();
	s->engine->end(&s->run, &state);
}

static void count(const char *fmt, __u64 n) __attribute__((format(printf, 1, 0)));

static void count(const char *fmt, __u64 n)
{
	if (!n)
		return;
	fputs("perf-ktap: ", stderr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, fmt, (uint64_t)n);
#pragma GCC diagnostic pop
	fputc('\n', stderr);
}

static void report(struct session *s, const struct pk_engine_stats *st)
{
	if (st->lost)
		pk_note("%" PRIu64 " %s lost: the rings were full (a larger -m helps)",
			(uint64_t)st->lost, s->engine->lost_what);
	if (st->emitted > st->received + st->lost)
		pk_note("%" PRIu64 " records missing without a trace: please report this",
			(uint64_t)(st->emitted - st->received - st->lost));
	count("%" PRIu64 " events missed: they happened inside a handler", st->vm.missed);
	count("%" PRIu64 " events given up: they interrupted a handler at a bad moment",
	      st->vm.busy);
	count("%" PRIu64 " table writes dropped: the table was full", st->vm.dropped);
	count("%" PRIu64 " damaged records left out", pk_stream_bad(s->run.stream));
	pk_verbose("%" PRIu64 " handler runs, %" PRIu64 " records, memory %" PRIu64
		   " KiB (peak %" PRIu64 " KiB)",
		   (uint64_t)st->vm.handled, (uint64_t)st->vm.emitted,
		   (uint64_t)st->vm.mem_bytes >> 10, (uint64_t)st->vm.mem_peak >> 10);
	if (s->engine == &pk_engine_module)
		pk_verbose("rings: %" PRIu64 " emitted, %" PRIu64 " received, %" PRIu64 " lost",
			   (uint64_t)st->emitted, (uint64_t)st->received, (uint64_t)st->lost);
}

/* Script errors, exit(n), the command's status: the first that applies. */
static int final_status(struct session *s, const struct pk_engine_stats *st)
{
	if (s->script_failed)
		return PK_EXIT_SCRIPT;
	if (st->state == KTAP_VM_EXIT && st->exit_status)
		return (int)(st->exit_status & 0xff);
	/* A Ctrl-C that ended us has ended the command, too. */
	if (s->run.child && s->child.done && s->child.status && !pk_signals_count())
		return s->child.status;
	return PK_EXIT_OK;
}

static int finish(struct session *s)
{
	struct pk_engine_stats st;

	run_end(s);
	if (s->engine->stats(&s->run, &st))
		return PK_EXIT_ATTACH;
	/* The record of the error may have been lost in a full ring. */
	if (st.error.code && !s->script_failed)
		show_error(s, &st.error);
	pk_out_flush(&s->out);
	report(s, &st);
	return final_status(s, &st);
}

static int close_output(struct session *s, int status)
{
	int ret = pk_out_close(&s->out);

	if (!ret)
		return status;
	pk_err("cannot write %s: %s", s->opts->output ? s->opts->output : "standard output",
	       strerror(-ret));
	return status ? status : PK_EXIT_USAGE;
}

int pk_session_run(const struct pk_opts *opts)
{
	static int (*const stages[])(struct session *) = {
		compile, open_output, prepare_command, load, run_main, attach_and_trace,
	};
	struct session s = { .opts = opts };
	int status = PK_EXIT_OK, end_status;

	s.run.opts = opts;
	pk_signals_setup();
	for (unsigned int i = 0; !status && i < PK_ARRAY_SIZE(stages); i++)
		status = stages[i](&s);
	if (s.main_done) {
		end_status = finish(&s);
		status = status ? status : end_status;
	}
	if (s.engine)
		s.engine->close(&s.run);
	pk_child_stop(&s.child);
	if (s.run.out)
		status = close_output(&s, status);
	pk_stream_free(s.run.stream);
	pk_render_free(&s.render);
	pk_points_free(&s.run);
	pk_events_free(s.events);
	pk_chunk_free(&s.chunk);
	return status;
}
