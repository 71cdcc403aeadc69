/* The one entry: the bytes of a mail in, a report out. */
#ifndef DSND_PARSE_H
#define DSND_PARSE_H

#include <dsn/api.h>
#include <dsn/bytes.h>
#include <dsn/limits.h>
#include <dsn/report.h>
#include <dsn/rules.h>

#include <stdbool.h>

DSN_BEGIN_DECLS

struct dsn_options {
    struct dsn_limits limits;
    const char *const *original_headers; /* NULL-terminated names wanted in original.headers */
    const char *const *envelope_headers; /* NULL-terminated: headers trusted to carry the envelope
                                            recipient of the report, such as Delivered-To */
    bool want_evidence;
    const char *const *envelope_templates; /* NULL-terminated: how that address tells whom the
                                              message went to; NULL: the usual forms */
};

/* Whether @text can be one of options.envelope_templates: docs/return-path.md. */
bool dsn_template_is_valid (const char *text);

/* Prepares the MIME library and loads the character sets that mails use, so that a sandboxed
 * process needs no files later. Once per process, before the first dsn_parse(). */
void dsn_library_init (void);

/* Reads the mail @mail, of which at most limits.mail_bytes are looked at; @total_bytes is its size
 * on disk. Any bytes give a report: there's no error. (transfer full): dsn_report_free() */
struct dsn_report *dsn_parse (struct dsn_bytes mail, size_t total_bytes,
                              const struct dsn_rules *rules, const struct dsn_options *options);

DSN_END_DECLS

#endif
