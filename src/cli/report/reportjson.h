/* The bounce report for programs. */
#ifndef CLI_REPORTJSON_H
#define CLI_REPORTJSON_H

#include "cli/report/reporttally.h"

#include <glib.h>

/* Appends the report as one line of JSON, with its line feed; docs/report.md tells its keys. */
void report_json_append (GString *out, struct report_tally *tally, const char *origin);

#endif
