/* The configuration's section [Policy]: what the site makes of a category, as rules.
 */
#ifndef DSND_POLICY_H
#define DSND_POLICY_H

#include <glib.h>
#include <stdbool.h>

/* Reads the keys of @group, CATEGORY=hard|soft, =ADVICE or both with a blank between, and appends
 * them to @out as `policy` records of the rule language. The error, of the domain CONFIG_ERROR,
 * names @file, section and key, and what is permitted. */
bool policy_read (GKeyFile *keyfile, const char *file, const char *group, GString *out,
                  GError **error);

#endif
