/* How mails are to be read. Made empty, filled, given to dsn_reader_new(), which copies what it
 * needs. Not for several threads at once.
 */
#ifndef DSN_SETTINGS_H
#define DSN_SETTINGS_H

#include <dsn/api.h>
#include <dsn/bytes.h>
#include <dsn/keys.h>

#include <stdbool.h>
#include <stddef.h>

DSN_BEGIN_DECLS

struct dsn_settings;

/* The defaults: the built-in rules, the limits of docs/library.md. Never NULL.
 * (transfer full): dsn_settings_free() */
struct dsn_settings *dsn_settings_new (void);
void dsn_settings_free (struct dsn_settings *settings);

/* Adds the text of a rule file (dsn-rules(5)) to the built-in rules; @file is its name in messages.
 * A rule with the id of an earlier one replaces it. dsn_reader_new() tells what's wrong with it. */
void dsn_settings_add_rules (struct dsn_settings *settings, const char *file,
                             struct dsn_bytes text);

/* Sets the limit @name, such as "mail_bytes": docs/library.md lists them. False for a name that
 * isn't there. */
bool dsn_settings_set_limit (struct dsn_settings *settings, const char *name, size_t value);

/* Whether events say what speaks for their verdict (`evidence`). */
void dsn_settings_set_evidence (struct dsn_settings *settings, bool is_wanted);

/* Who splits a mail into its parts: "auto", the default, or "gmime" (docs/library.md). False for
 * another word. */
bool dsn_settings_set_structure (struct dsn_settings *settings, const char *how);

/* A header field of the returned message that events give in `original.headers`. */
void dsn_settings_add_original_header (struct dsn_settings *settings, const char *name);

/* A header field that is trusted to carry the address that the report was sent to, such as
 * Delivered-To. */
void dsn_settings_add_envelope_header (struct dsn_settings *settings, const char *name);

/* How such an address tells whom the message went to (docs/return-path.md): in place of the usual
 * forms. False if @text can't be one. */
bool dsn_settings_add_envelope_template (struct dsn_settings *settings, const char *text);

/* The keys that return paths are signed with, by which reports are trusted; NULL: none. */
void dsn_settings_set_keys (struct dsn_settings *settings, const struct dsn_keys *keys);

DSN_END_DECLS

#endif
