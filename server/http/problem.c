/* SPDX-License-Identifier: Apache-2.0 */
/* problem.c -- problem documents. */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "call.h"
#include "json/json.h"

static const struct {
	unsigned status;
	const char *title;
} titles[] = {
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

const char *pp_problem_title(unsigned status)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (titles[i].status == status)
			return titles[i].title;
	}
	return "Error";
}

int pp_problem_print(unsigned status, const char *detail, char **ret_text, size_t *ret_length)
{
	struct pp_json *problem = pp_json_object();
	int r;

	(void)pp_json_set_text(problem, "type", "about:blank");
	(void)pp_json_set_text(problem, "title", pp_problem_title(status));
	(void)pp_json_set_i64(problem, "status", status);
	(void)pp_json_set_text(problem, "detail", detail);
	r = pp_json_print(problem, ret_text, ret_length);
	pp_json_free(problem);
	return r;
}

void pp_call_refuse(struct pp_call *c, unsigned status, const char *fmt, ...)
{
	char detail[400], *text = NULL;
	size_t length = 0;
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	/* A detail that was cut inside a character is no UTF-8 and does not print: then the bare
	 * title must do. */
	if (pp_problem_print(status, detail, &text, &length) < 0 &&
		pp_problem_print(status, pp_problem_title(status), &text, &length) < 0)
		text = NULL;
	pp_call_answer(c, status, text ? "application/problem+json" : NULL, text, length);
}
