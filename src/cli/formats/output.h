/* How `parse` and `follow` show an event: as its JSON, as a block for people, or in another tool's
 * format.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/terminal/tty.h"

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>

struct output {
    struct tty tty;                 /* of the reader */
    bool is_pretty;                 /* for people */
    const struct outformat *format; /* NULL: the event's own JSON */
};

/* What was asked for: --format, "json", "pretty" or another tool's name (NULL: not given), and the
 * short forms --json and --pretty. */
struct output_arguments {
    char *format;
    gboolean is_json, is_pretty;
};

/* The options for these. Put them among a verb's entries. */
#define OUTPUT_OPTIONS(a)                                                                          \
    { "format",                                                                                    \
      0,                                                                                           \
      0,                                                                                           \
      G_OPTION_ARG_STRING,                                                                         \
      &(a)->format,                                                                                \
      "How to show events: json, pretty, sisimai, ses, kumomta",                                   \
      "FORMAT" },                                                                                  \
        { "json",                                                                                  \
          0,                                                                                       \
          0,                                                                                       \
          G_OPTION_ARG_NONE,                                                                       \
          &(a)->is_json,                                                                           \
          "Short for --format=json, the default into a file or pipe",                              \
          NULL },                                                                                  \
    {                                                                                              \
        "pretty", 0, 0, G_OPTION_ARG_NONE, &(a)->is_pretty,                                        \
            "Short for --format=pretty, the default on a terminal", NULL                           \
    }

/* Sets *@ret_output, for what goes to stdout. False if the arguments contradict each other or name
 * no format: told, with the @verb. */
bool output_choose (const struct output_arguments *a, const char *verb, struct output *ret_output);

/* Appends the event @json: a line or, for people, a block. False if the format has no record for
 * such an event; nothing is appended then. */
bool output_append (const struct output *o, GString *out, struct dsn_bytes json);

#endif
