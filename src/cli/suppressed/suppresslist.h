/* Lists of addresses as files: those of other services, and ours. */
#ifndef CLI_SUPPRESSLIST_H
#define CLI_SUPPRESSLIST_H

#include <dsn/bytes.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What an import reads of a row. */
typedef void suppresslist_fn (const char *address, const char *reason, void *data);

/* Reads a list: CSV whose header names the column (address, email, recipient), CSV without a header
 * whose first column is the address (as SES takes it), JSON lines with emailAddress or email, or
 * one address a line. A quoted field may hold commas and line ends. Rows without an '@' are passed
 * over. */
void suppresslist_read (struct dsn_bytes text, suppresslist_fn *take, void *data);

enum suppresslist_form { SUPPRESSLIST_CSV, SUPPRESSLIST_SES, SUPPRESSLIST_SENDGRID };

/* The form called @name: csv, ses or sendgrid. False if there's none. */
bool suppresslist_form (const char *name, enum suppresslist_form *ret_form);

/* Appends the header of a form that has one, and a row. */
void suppresslist_append_header (GString *out, enum suppresslist_form form);
void suppresslist_append (GString *out, enum suppresslist_form form, const char *address,
                          const char *reason, int64_t since, int64_t until);

#endif
